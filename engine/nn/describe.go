package nn

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/bits"
	"slices"

	"github.com/gradus-ml/gradus/engine/graph"
)

// Described is implemented by layers that can be written to a file.
type Described interface {
	// Describe returns the layer's options, to be written by encoding/json; not its name, nor what Build made.
	Describe() any
}

// Options are those of a layer, as they are in a file.
type Options json.RawMessage

// Decode fills the fields of the struct that into points to. Fields that it does not have are refused.
func (o Options) Decode(into any) error {
	d := json.NewDecoder(bytes.NewReader(o))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return fmt.Errorf("more behind the options")
	}
	return nil
}

// A Registry says how to make what a file may hold that is not of this package.
type Registry struct {
	// Layers make layers of their options, by the name of the class, which is TypeOf the layer.
	Layers map[string]func(o Options) (Layer, error)
	// Activations are those of NewActivation, which are found by their names.
	Activations []ActivationFunc
}

// networkText is a network as it is in a file: see docs/decisions/0007 and 0013. Values are numbers: v is what call v makes, and −1−i is input i.
type networkText struct {
	Class   string      `json:"class_name"` // "sequential" or "functional"
	Inputs  [][]int     `json:"inputs"`
	Layers  []layerText `json:"layers"`
	Calls   []callText  `json:"calls"`
	Outputs []value     `json:"outputs"`
}

type layerText struct {
	Class  string          `json:"class_name"`
	Name   string          `json:"name"`
	Frozen bool            `json:"frozen,omitempty"`
	TiedTo *int            `json:"tied_to,omitempty"` // the layer whose variables it uses
	Config json.RawMessage `json:"config"`
}

type callText struct {
	Layer int     `json:"layer"`
	From  []value `json:"from"`
}

// MarshalJSON describes the network: inputs, layers with their options, and how they are connected. A layer that is not Described is an error.
func (n *Network) MarshalJSON() ([]byte, error) {
	if n.err != nil {
		return nil, n.err
	}
	text := networkText{Class: n.name, Inputs: n.inputs, Outputs: n.outputs}
	for _, p := range n.layers {
		l, err := n.describe(p)
		if err != nil {
			return nil, fmt.Errorf("nn: %s %q cannot be written: %w", TypeOf(p.Layer), p.Name, err)
		}
		text.Layers = append(text.Layers, l)
	}
	for _, c := range n.calls {
		text.Calls = append(text.Calls, callText{c.layer, c.from})
	}
	return json.Marshal(text)
}

func (n *Network) describe(p Placed) (layerText, error) {
	l := layerText{Class: TypeOf(p.Layer), Name: p.Name, Frozen: p.Frozen}
	d, ok := p.Layer.(Described)
	if !ok {
		return l, fmt.Errorf("it has no method Describe")
	}
	if r, ok := p.Layer.(referrer); ok {
		i := n.find(r.refersTo())
		l.TiedTo = &i
	}
	var err error
	l.Config, err = json.Marshal(d.Describe())
	return l, err
}

// Decode makes the network that MarshalJSON described. Whatever the text says, nothing is executed: it names classes and their
// options, which are checked as those of a network that is written in Go. Unknown classes and fields are errors.
func Decode(text []byte, registry Registry) (*Network, error) {
	var t networkText
	err := Options(text).Decode(&t)
	n := &Network{name: t.Class, inputs: t.Inputs, outputs: t.Outputs}
	if err == nil {
		err = n.assembleText(t, registry)
	}
	if err != nil {
		return nil, fmt.Errorf("nn: decode: %w", err)
	}
	return n, nil
}

func (n *Network) assembleText(t networkText, registry Registry) error {
	if t.Class != "sequential" && t.Class != "functional" {
		return fmt.Errorf("class is %.50q, want sequential or functional", t.Class)
	}
	for i, shape := range t.Inputs {
		if _, err := Input(shape...).Build(nil, nil); err != nil {
			return fmt.Errorf("input %d: %w", i, err)
		}
		if !holds(shape) {
			return fmt.Errorf("input %d: shape %v is larger than an operation can index", i, shape)
		}
	}
	for i, c := range t.Calls {
		if err := n.callText(t, registry, i, c); err != nil {
			return fmt.Errorf("call %d: %w", i, err)
		}
	}
	if len(n.layers) != len(t.Layers) {
		return fmt.Errorf("%d layers, of which %d are called", len(t.Layers), len(n.layers))
	}
	return n.endsText(t)
}

// endsText checks inputs and outputs.
func (n *Network) endsText(t networkText) error {
	if len(t.Outputs) == 0 || len(t.Inputs) == 0 {
		return fmt.Errorf("%d inputs and %d outputs, want at least one of each", len(t.Inputs), len(t.Outputs))
	}
	for _, v := range t.Outputs {
		if v < 0 || int(v) >= len(t.Calls) {
			return fmt.Errorf("output is value %d, want 0 to %d", v, len(t.Calls)-1)
		}
	}
	return n.used()
}

// callText adds a call: of the next layer, or of one that has been called.
func (n *Network) callText(t networkText, registry Registry, i int, c callText) error {
	for _, v := range c.From {
		if int(v) >= i || v.input() && int(^v) >= len(n.inputs) {
			return fmt.Errorf("takes value %d, want %d to %d", v, -len(n.inputs), i-1)
		}
	}
	var made value
	var err error
	switch {
	case c.Layer < 0 || c.Layer > len(n.layers) || c.Layer >= len(t.Layers):
		return fmt.Errorf("layer is %d, want 0 to %d: layers are in the order in which they are first called", c.Layer, min(len(n.layers), len(t.Layers)-1))
	case c.Layer < len(n.layers):
		made, err = n.callAgain(c.Layer, c.From)
	default:
		made, err = n.callNew(t.Layers[c.Layer], registry, c.From)
	}
	if err == nil && !holds(n.shapes([]value{made})[0]) {
		err = fmt.Errorf("layer %q: output %v is larger than an operation can index", t.Layers[c.Layer].Name, n.shapes([]value{made})[0])
	}
	return err
}

func (n *Network) callNew(t layerText, registry Registry, from []value) (value, error) {
	if t.Name == "" || slices.ContainsFunc(n.layers, func(p Placed) bool { return p.Name == t.Name }) {
		return 0, fmt.Errorf("the layer's name is %q, want one that no other has", t.Name)
	}
	layer, err := registry.layer(t)
	if err == nil {
		err = n.tie(layer, t)
	}
	if err != nil {
		return 0, fmt.Errorf("layer %q of class %q: %w", t.Name, t.Class, err)
	}
	if r, ok := layer.(renamer); ok {
		r.rename(t.Name)
	}
	v, err := n.call(layer, t.Name, from)
	if err == nil {
		n.layers[len(n.layers)-1].freeze(t.Frozen)
	}
	return v, err
}

// tie says to a layer which other's variables it uses.
func (n *Network) tie(layer Layer, t layerText) error {
	r, ok := layer.(referrer)
	if ok != (t.TiedTo != nil) || ok && (*t.TiedTo < 0 || *t.TiedTo >= len(n.layers)) {
		return fmt.Errorf("tied_to is out of place, want that of a Tied layer, 0 to %d", len(n.layers)-1)
	}
	if ok {
		r.refer(n.layers[*t.TiedTo].Layer)
	}
	return nil
}

// layer makes a layer of its class and options.
func (r Registry) layer(t layerText) (Layer, error) {
	own, taken := r.Layers[t.Class]
	decode, ok := layerClasses[t.Class]
	switch {
	case taken && ok:
		return nil, fmt.Errorf("the registry has a class of this package")
	case taken:
		layer, err := own(Options(t.Config))
		if err == nil && (layer == nil || TypeOf(layer) != t.Class) {
			err = fmt.Errorf("the registry made a %s", describe(layer))
		}
		return layer, err
	case !ok:
		return nil, fmt.Errorf("unknown, want one of this package, or of the registry")
	}
	return decode(r, Options(t.Config))
}

// maxElements is how many elements an operation can index.
const maxElements = 1 << 30

// holds reports whether a tensor of the shape can be: the product of its axes may be beyond all integers.
func holds(shape []int) bool {
	n := uint64(1)
	for _, d := range shape {
		high, low := bits.Mul64(n, uint64(d))
		if d < 1 || high > 0 || low > maxElements {
			return false
		}
		n = low
	}
	return graph.Size(shape) > 0
}
