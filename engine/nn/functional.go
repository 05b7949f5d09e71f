package nn

import (
	"fmt"
	"slices"

	"github.com/gradus-ml/gradus/engine/graph"
)

// Functional makes a network of nodes: for skips, several inputs or outputs, and shared layers. Every input must lead to an
// output, and every input that an output depends on must be listed. A mistake is kept and returned by Err, and by engine.Compile.
//
//	wide, deep := nn.Input(5), nn.Input(6)
//	hidden := deep.To(nn.Dense(30, nn.ReLU), nn.Dense(30, nn.ReLU))
//	both := nn.Merge(nn.Concatenate(), wide, hidden)
//	net := nn.Functional([]*nn.Node{wide, deep}, both.To(nn.Dense(1)))
func Functional(inputs []*Node, outputs ...*Node) *Network {
	n := &Network{name: "functional"}
	n.err = n.connect(inputs, outputs)
	return n
}

// connector turns nodes into calls, each node once.
type connector struct {
	*Network
	taken  names
	values map[*Node]value
}

func (n *Network) connect(inputs, outputs []*Node) error {
	if len(inputs) == 0 || len(outputs) == 0 {
		return fmt.Errorf("nn: Functional: %d inputs and %d outputs, want at least one of each", len(inputs), len(outputs))
	}
	c := connector{n, names{}, map[*Node]value{}}
	for i, in := range inputs {
		if err := c.input(i, in); err != nil {
			return err
		}
	}
	for i, out := range outputs {
		v, err := c.value(out)
		if err != nil {
			return err
		}
		if v.input() {
			return fmt.Errorf("nn: Functional: output %d is an input", i)
		}
		n.outputs = append(n.outputs, v)
	}
	return n.used()
}

func (c connector) input(i int, in *Node) error {
	if !in.isInput() {
		return fmt.Errorf("nn: Functional: input %d is not an nn.Input", i)
	}
	if _, twice := c.values[in]; twice {
		return fmt.Errorf("nn: Functional: input %d is listed twice", i)
	}
	if _, err := in.Build(nil, nil); err != nil {
		return err
	}
	c.values[in] = inputValue(i)
	c.inputs = append(c.inputs, in.shape)
	return nil
}

// value calls what the node depends on, then its layer.
func (c connector) value(node *Node) (value, error) {
	if node == nil {
		return 0, fmt.Errorf("nn: Functional: a node is nil")
	}
	if v, ok := c.values[node]; ok {
		return v, nil
	}
	if node.isInput() {
		return 0, fmt.Errorf("nn: Functional: an output depends on an Input of %v that is not among the inputs", node.shape)
	}
	var from []value
	for _, n := range node.from {
		v, err := c.value(n)
		if err != nil {
			return 0, err
		}
		from = append(from, v)
	}
	v, err := c.apply(node.layer, from, c.taken)
	c.values[node] = v
	return v, err
}

// used refuses inputs that no call takes.
func (n *Network) used() error {
	for i := range n.inputs {
		if len(n.takers(inputValue(i))) == 0 {
			return fmt.Errorf("nn: Functional: input %d of %v leads to no output", i, n.inputs[i])
		}
	}
	return nil
}

// apply adds a call of a layer, which is built unless it has been called before.
func (n *Network) apply(layer Layer, from []value, taken names) (value, error) {
	if layer == nil {
		return 0, fmt.Errorf("nn: %s: a layer is nil", n.name)
	}
	if i := n.find(layer); i >= 0 {
		return n.callAgain(i, from)
	}
	name, err := taken.choose(layer)
	if err != nil {
		return 0, err
	}
	return n.call(layer, name, from)
}

// find returns the layer's number, or −1. Only what a pointer leads to can be the same.
func (n *Network) find(layer Layer) int {
	return slices.IndexFunc(n.layers, func(p Placed) bool { return identical(p.Layer, layer) })
}

// callAgain applies a shared layer to inputs of the shapes that it was built for.
func (n *Network) callAgain(i int, from []value) (value, error) {
	p := n.layers[i]
	if shapes := n.shapes(from); !slices.EqualFunc(shapes, p.ins, slices.Equal) {
		return 0, fmt.Errorf("nn: %s %q is shared: its input is %v, want %v as in the first place", TypeOf(p.Layer), p.Name, shapes, p.ins)
	}
	n.calls = append(n.calls, call{i, from})
	return value(len(n.calls) - 1), nil
}

// A Merger is a layer of several inputs. Mergers can be written outside this package; with one input, Build and Forward are
// BuildMerge and ForwardMerge of a list of one.
type Merger interface {
	Layer
	// BuildMerge is Build for the shapes of several inputs.
	BuildMerge(b *Builder, in [][]int) (out []int, err error)
	// ForwardMerge is Forward for several inputs.
	ForwardMerge(r *graph.Recorder, x []*graph.Tensor) *graph.Tensor
}
