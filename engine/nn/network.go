package nn

import (
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/gradus-ml/gradus/engine/graph"
)

// A Network is a list of layers and of how they are connected; see docs/decisions/0007. It has no values: engine.Compile gives it some,
// on a device.
type Network struct {
	name    string
	inputs  [][]int
	layers  []Placed
	calls   []call
	outputs []value
	err     error
}

// call applies a layer to values.
type call struct {
	layer int
	from  []value
}

// value numbers what there is in a network: what call v makes, or, where it is negative, input ^v.
type value int

func inputValue(i int) value { return value(^i) }

func (v value) input() bool { return v < 0 }

// Placed is a layer in its place in a network.
type Placed struct {
	Layer     Layer
	Name      string
	In, Out   []int // shapes of one example; of several inputs, the first's
	Variables []*graph.Variable
	Frozen    bool              // not trained; see Network.Freeze
	trainable []*graph.Variable // unless frozen
	ins       [][]int           // the shapes of all inputs
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
	first, ok := layers[0].(*Node)
	if !ok || !first.isInput() {
		n.err = fmt.Errorf("nn: Sequential: the first layer is %s, want nn.Input(…)", describe(layers[0]))
		return n
	}
	n.inputs = [][]int{first.shape}
	n.err = n.stack(layers)
	return n
}

func describe(layer Layer) string {
	if layer == nil {
		return "nil"
	}
	return TypeOf(layer)
}

// stack calls each layer on what the one before makes.
func (n *Network) stack(layers []Layer) error {
	if _, err := layers[0].Build(&Builder{name: "input"}, nil); err != nil {
		return err
	}
	if len(layers) == 1 {
		return errors.New("nn: Sequential: no layers after nn.Input(…)")
	}
	top, taken := inputValue(0), names{}
	for i, layer := range layers[1:] {
		if layer == nil {
			return fmt.Errorf("nn: Sequential: layer %d is nil", i+1)
		}
		if _, ok := layer.(*Node); ok {
			return fmt.Errorf("nn: Sequential: layer %d is an Input, want it first and only there", i+1)
		}
		if n.find(layer) >= 0 {
			return fmt.Errorf("nn: Sequential: layer %d, a %s, is already in the network", i+1, TypeOf(layer))
		}
		var err error
		if top, err = n.apply(layer, []value{top}, taken); err != nil {
			return err
		}
	}
	n.outputs = []value{top}
	return nil
}

// identical reports whether two layers are the same one: the same pointer, unless what it leads to has no size, since
// Go may give all such things one address.
func identical(a, b Layer) bool {
	if a == nil || b == nil {
		return false
	}
	t := reflect.TypeOf(a)
	return t.Kind() == reflect.Pointer && t.Elem().Size() > 0 && t == reflect.TypeOf(b) && a == b
}

// call builds a layer on values and applies it to them.
func (n *Network) call(layer Layer, name string, from []value) (value, error) {
	if err := n.checkReference(layer, name); err != nil {
		return 0, err
	}
	b := &Builder{name: name}
	ins := n.shapes(from)
	out, err := build(layer, b, ins)
	if err != nil {
		return 0, err
	}
	p := Placed{Layer: layer, Name: name, In: ins[0], Out: out, Variables: b.variables, ins: ins}
	for _, v := range b.variables {
		if v.Trainable {
			p.trainable = append(p.trainable, v)
		}
	}
	n.layers = append(n.layers, p)
	n.calls = append(n.calls, call{len(n.layers) - 1, from})
	return value(len(n.calls) - 1), nil
}

// build builds a layer for the shapes, which it gets as copies.
func build(layer Layer, b *Builder, ins [][]int) ([]int, error) {
	given := make([][]int, len(ins))
	for i, shape := range ins {
		given[i] = slices.Clone(shape)
	}
	m, ok := layer.(Merger)
	switch {
	case len(ins) == 0:
		return nil, b.Errorf(layer, "no inputs, want at least one")
	case ok:
		return m.BuildMerge(b, given)
	case len(ins) > 1:
		return nil, b.Errorf(layer, "%d inputs, want 1 (an nn.Merger takes several)", len(ins))
	}
	return layer.Build(b, given[0])
}

// shapes returns the shapes of one example of the values.
func (n *Network) shapes(values []value) [][]int {
	shapes := make([][]int, len(values))
	for i, v := range values {
		if v.input() {
			shapes[i] = n.inputs[^v]
		} else {
			shapes[i] = n.layers[n.calls[v].layer].Out
		}
	}
	return shapes
}

// takers lists the calls that take a value.
func (n *Network) takers(v value) []int {
	var list []int
	for i, c := range n.calls {
		if slices.Contains(c.from, v) {
			list = append(list, i)
		}
	}
	return list
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

// Name returns "sequential" or "functional", after how the network was made.
func (n *Network) Name() string { return n.name }

// Input returns the shape of one input example, of several inputs the first's.
func (n *Network) Input() []int {
	if len(n.inputs) == 0 {
		return nil
	}
	return n.inputs[0]
}

// Inputs returns the shape of one example of each input.
func (n *Network) Inputs() [][]int { return n.inputs }

// Output returns the shape of one output example, of several outputs the first's.
func (n *Network) Output() []int {
	if len(n.outputs) == 0 {
		return n.Input()
	}
	return n.OutputShapes()[0]
}

// OutputShapes returns the shape of one example of each output.
func (n *Network) OutputShapes() [][]int { return n.shapes(n.outputs) }

// OutputNames returns the name of the layer that makes each output; one that makes several is numbered: head, head_1.
func (n *Network) OutputNames() []string {
	var list []string
	seen := map[string]int{}
	for _, v := range n.outputs {
		name := n.layers[n.calls[v].layer].Name
		if seen[name]++; seen[name] > 1 {
			name = fmt.Sprintf("%s_%d", name, seen[name]-1)
		}
		list = append(list, name)
	}
	return list
}

// Before returns the name of the layer whose output is the first input of a layer, where that is first applied; ok is false for an input
// of the network, and for a layer that there is not.
func (n *Network) Before(layer string) (name string, ok bool) {
	for i, p := range n.layers {
		if p.Name == layer {
			if before := n.before(i); before != nil {
				return before.Name, true
			}
		}
	}
	return "", false
}

// Layers lists the layers, without the inputs, each once, in the order in which they are first applied. The caller must not change it.
func (n *Network) Layers() []Placed { return n.layers }

// Variables lists the variables of all layers, in their order.
func (n *Network) Variables() []*graph.Variable {
	var list []*graph.Variable
	for _, l := range n.layers {
		list = append(list, l.Variables...)
	}
	return list
}
