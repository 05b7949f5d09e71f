package nn

import (
	"slices"

	"github.com/gradus-ml/gradus/engine/graph"
)

// Forward records the network for a batch of each input, [batch input…], and returns its output, of several the first.
func (n *Network) Forward(r *graph.Recorder, x ...*graph.Tensor) *graph.Tensor {
	outputs, _ := n.Record(r, x...)
	return outputs[0]
}

// Outputs is Forward that returns the output of every layer, of a shared one the last.
func (n *Network) Outputs(r *graph.Recorder, x ...*graph.Tensor) []*graph.Tensor {
	_, byLayer := n.Record(r, x...)
	return byLayer
}

// Record is Forward that returns all outputs of the network, and the output of every layer, of a shared one the last.
func (n *Network) Record(r *graph.Recorder, x ...*graph.Tensor) (outputs, byLayer []*graph.Tensor) {
	if len(x) != len(n.inputs) {
		r.Fail("nn: %d inputs for a network that has %d", len(x), len(n.inputs))
		x = slices.Repeat(x[:1], len(n.inputs))
	}
	made := make([]*graph.Tensor, len(n.calls))
	values := func(list []value) (tensors []*graph.Tensor) {
		for _, v := range list {
			if v.input() {
				tensors = append(tensors, x[^v])
			} else {
				tensors = append(tensors, made[v])
			}
		}
		return tensors
	}
	byLayer = make([]*graph.Tensor, len(n.layers))
	for i, c := range n.calls {
		r.Part(n.layers[c.layer].Name)
		made[i] = forwardOf(r, n.layers[c.layer].Layer, values(c.from))
		byLayer[c.layer] = made[i]
	}
	return values(n.outputs), byLayer
}

func forwardOf(r *graph.Recorder, layer Layer, x []*graph.Tensor) *graph.Tensor {
	if m, ok := layer.(Merger); ok {
		return m.ForwardMerge(r, x)
	}
	return layer.Forward(r, x[0])
}
