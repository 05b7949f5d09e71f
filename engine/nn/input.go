package nn

import (
	"fmt"
	"slices"

	"github.com/gradus-ml/gradus/engine/graph"
)

// A Node is a value in a network: an input, or what a layer makes of other nodes. Nodes are connected with To and
// Merge; Functional makes a network of them. A node may be used several times.
type Node struct {
	shape []int   // of an input
	layer Layer   // nil for an input
	from  []*Node // what the layer takes
}

// Input begins a network and says the shape of one example: Input(28, 28) for a grey image, Input(8) for eight features.
// Every axis must be at least 1. It is the first layer of Sequential, or a node to go on from.
func Input(shape ...int) *Node { return &Node{shape: slices.Clone(shape)} }

// To applies layers, one after the other, and returns the output of the last. A layer that is applied in several places is
// shared: it is built once, for the shape that it meets first, and has one set of variables.
//
//	hidden := nn.Input(8).To(nn.Dense(30, nn.ReLU), nn.Dense(30, nn.ReLU))
func (n *Node) To(layers ...Layer) *Node {
	for _, l := range layers {
		n = &Node{layer: l, from: []*Node{n}}
	}
	return n
}

// Merge applies a layer of several inputs.
//
//	nn.Merge(nn.Add(), x, skip)
func Merge(layer Merger, nodes ...*Node) *Node { return &Node{layer: layer, from: slices.Clone(nodes)} }

// isInput reports whether the node is an input.
func (n *Node) isInput() bool { return n != nil && n.layer == nil && n.from == nil }

// LayerType returns "InputLayer", Keras's name.
func (n *Node) LayerType() string { return "InputLayer" }

// Build checks the input's shape. A node that is not an input is refused.
func (n *Node) Build(*Builder, []int) ([]int, error) {
	if !n.isInput() {
		return nil, fmt.Errorf("nn: a node that is not an nn.Input stands for a layer: such networks are made by nn.Functional")
	}
	if len(n.shape) == 0 {
		return nil, fmt.Errorf("nn: Input: no axes, want at least one")
	}
	for _, d := range n.shape {
		if d < 1 {
			return nil, fmt.Errorf("nn: Input: shape is %v, want axes of at least 1", n.shape)
		}
	}
	return n.shape, nil
}

// Forward returns x.
func (n *Node) Forward(_ *graph.Recorder, x *graph.Tensor) *graph.Tensor { return x }
