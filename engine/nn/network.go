package nn

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gradus-ml/gradus/engine/graph"
)

// A Network is a built stack of layers. It has no values: engine.Compile gives it some, on a device.
type Network struct {
	name   string
	input  []int
	layers []Placed
	err    error
}

// Placed is a layer in its place in a network.
type Placed struct {
	Layer     Layer
	Name      string
	In, Out   []int // shapes of one example
	Variables []*graph.Variable
	Frozen    bool              // not trained; see Network.Freeze
	trainable []*graph.Variable // unless frozen
}

// Parameters returns the number of elements in the layer's variables.
func (p Placed) Parameters() int {
	n := 0
	for _, v := range p.Variables {
		n += v.Size()
	}
	return n
}

// Sequential stacks layers, each on the output of the one before. The first must be Input. A mistake is
// kept and returned by Err, and by engine.Compile.
func Sequential(layers ...Layer) *Network {
	n := &Network{name: "sequential"}
	if len(layers) == 0 {
		n.err = errors.New("nn: Sequential: no layers, want nn.Input(…) and at least one more")
		return n
	}
	first, ok := layers[0].(*input)
	if !ok {
		n.err = fmt.Errorf("nn: Sequential: the first layer is %s, want nn.Input(…)", describe(layers[0]))
		return n
	}
	n.input = first.shape
	n.err = n.build(layers)
	return n
}

func describe(layer Layer) string {
	if layer == nil {
		return "nil"
	}
	return TypeOf(layer)
}

func (n *Network) build(layers []Layer) error {
	if _, err := layers[0].Build(&Builder{name: "input"}, nil); err != nil {
		return err
	}
	if len(layers) == 1 {
		return errors.New("nn: Sequential: no layers after nn.Input(…)")
	}
	shape, taken := n.input, names{}
	for i, layer := range layers[1:] {
		if layer == nil {
			return fmt.Errorf("nn: Sequential: layer %d is nil", i+1)
		}
		if _, ok := layer.(*input); ok {
			return fmt.Errorf("nn: Sequential: layer %d is an Input, want it first and only there", i+1)
		}
		if slices.ContainsFunc(n.layers, func(p Placed) bool { return p.Layer == layer }) {
			return fmt.Errorf("nn: Sequential: layer %d, a %s, is already in the network", i+1, TypeOf(layer))
		}
		name, err := taken.choose(layer)
		if err != nil {
			return err
		}
		if shape, err = n.place(layer, name, shape); err != nil {
			return err
		}
	}
	return nil
}

// place builds a layer on top of the network and returns its output shape.
func (n *Network) place(layer Layer, name string, in []int) (out []int, err error) {
	b := &Builder{name: name}
	if out, err = layer.Build(b, slices.Clone(in)); err != nil {
		return nil, err
	}
	p := Placed{Layer: layer, Name: name, In: in, Out: out, Variables: b.variables}
	for _, v := range b.variables {
		if v.Trainable {
			p.trainable = append(p.trainable, v)
		}
	}
	n.layers = append(n.layers, p)
	return out, nil
}

// names are the layer names in use.
type names map[string]bool

func (used names) choose(layer Layer) (string, error) {
	if named, ok := layer.(Named); ok && named.LayerName() != "" {
		name := named.LayerName()
		if used[name] {
			return "", fmt.Errorf("nn: %s %q: another layer has this name", TypeOf(layer), name)
		}
		used[name] = true
		return name, nil
	}
	stem := snakeCase(TypeOf(layer))
	name := stem
	for i := 1; used[name]; i++ {
		name = fmt.Sprintf("%s_%d", stem, i)
	}
	used[name] = true
	return name, nil
}

// Err returns the first mistake in the network's description.
func (n *Network) Err() error { return n.err }

// Input returns the shape of one input example.
func (n *Network) Input() []int { return n.input }

// Output returns the shape of one output example.
func (n *Network) Output() []int {
	if len(n.layers) == 0 {
		return n.input
	}
	return n.layers[len(n.layers)-1].Out
}

// Layers lists the layers after the input. The caller must not change it.
func (n *Network) Layers() []Placed { return n.layers }

// Variables lists the variables of all layers, in their order.
func (n *Network) Variables() []*graph.Variable {
	var list []*graph.Variable
	for _, l := range n.layers {
		list = append(list, l.Variables...)
	}
	return list
}

// Forward records the network for a batch x, [batch input…].
func (n *Network) Forward(r *graph.Recorder, x *graph.Tensor) *graph.Tensor {
	outputs := n.Outputs(r, x)
	return outputs[len(outputs)-1]
}

// Outputs is Forward that returns the output of every layer.
func (n *Network) Outputs(r *graph.Recorder, x *graph.Tensor) []*graph.Tensor {
	outputs := make([]*graph.Tensor, len(n.layers))
	for i, l := range n.layers {
		x = l.Layer.Forward(r, x)
		outputs[i] = x
	}
	return outputs
}
