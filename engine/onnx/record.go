package onnx

import (
	"fmt"

	"github.com/gradus-ml/gradus/engine"
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/graph"
	"github.com/gradus-ml/gradus/engine/nn"
	schema "github.com/gradus-ml/gradus/internal/schema/onnx"
)

// batches are the numbers of examples for which a network is recorded: what is in their proportion is the batch.
var batches = [2]int{2, 3}

// recording is a network in inference, for one number of examples.
type recording struct {
	list            []backend.Op
	parts           []string // the layer of each
	inputs, outputs []*graph.Tensor
}

func record(store *graph.Store, net *nn.Network, batch int) (recording, error) {
	r := graph.NewRecorder(store, graph.Inference)
	var rec recording
	for _, shape := range net.Inputs() {
		rec.inputs = append(rec.inputs, r.Input(false, append([]int{batch}, shape...)...))
	}
	rec.outputs, _ = net.Record(r, rec.inputs...)
	for _, y := range rec.outputs {
		r.Keep(y)
	}
	rec.list, rec.parts = r.Ops(), r.Parts()
	return rec, r.Err()
}

// convert makes a graph of the model's network.
func convert(m *engine.Model) (*schema.GraphProto, error) {
	net := m.Network()
	store, err := graph.NewBlankStore(paper{}, net.Variables(), 0)
	if err != nil {
		return nil, err
	}
	var recs [2]recording
	for i, batch := range batches {
		if recs[i], err = record(store, net, batch); err != nil {
			return nil, err
		}
	}
	if len(recs[0].list) != len(recs[1].list) {
		return nil, fmt.Errorf("the network has %d operations for %d examples and %d for %d, want as many for any number",
			len(recs[0].list), batches[0], len(recs[1].list), batches[1])
	}
	b := newBuilder()
	b.declare(store, net, recs[0].inputs)
	for i, op := range recs[0].list {
		if err := b.step(recs[0].parts[i], op, recs[1].list[i]); err != nil {
			return nil, fmt.Errorf("layer %q: %w", recs[0].parts[i], err)
		}
	}
	if err := b.finish(net, recs[0].outputs); err != nil {
		return nil, err
	}
	return b.graph, b.initialise(net, m.Value)
}
