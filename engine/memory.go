package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/data"
	"github.com/gradus-ml/gradus/engine/graph"
)

// Memory is what a training holds on the device, in bytes. What a backend keeps for itself besides, such as pipelines, is not in it.
type Memory struct {
	Parameters  int64 // the trainable variables, each from a multiple of 256 bytes on
	Statistics  int64 // the other variables
	Gradients   int64 // of the parameters, and their sum where a batch is taken in parts
	Optimizer   int64 // what the optimizer keeps for each parameter
	Activations int64 // everything else that a step computes, in training and in validation, and what is counted of each step
	Data        int64 // the data sets, or what is resident of a stream
}

// Total returns the sum.
func (m Memory) Total() int64 {
	return m.Parameters + m.Statistics + m.Gradients + m.Optimizer + m.Activations + m.Data
}

// String returns the parts and the total in one line.
func (m Memory) String() string {
	var parts []string
	for _, part := range []struct {
		what  string
		bytes int64
	}{{"parameters", m.Parameters}, {"statistics", m.Statistics}, {"gradients", m.Gradients}, {"optimizer", m.Optimizer}, {"activations", m.Activations}, {"data", m.Data}} {
		if part.bytes > 0 {
			parts = append(parts, part.what+" "+bytesText(part.bytes))
		}
	}
	return strings.Join(parts, " + ") + " = " + bytesText(m.Total())
}

func bytesText(n int64) string { return inUnits(float64(n), 1024, "B", "KB", "MB", "GB", "TB") }

// inUnits writes 1536 as 1.5 KB.
func inUnits(v, step float64, units ...string) string {
	for v >= step && len(units) > 1 {
		v, units = v/step, units[1:]
	}
	if v == float64(int64(v)) && v < 10 {
		return fmt.Sprintf("%.0f %s", v, units[0])
	}
	return fmt.Sprintf("%.3g %s", v, units[0])
}

// Memory returns what a Fit on the set would hold on the device, the model itself included. It goes through what Fit does on a device that only counts.
func (m *Model) Memory(ctx context.Context, train data.Source, fit Fit) (Memory, error) {
	memory, err := m.memory(given(ctx), train, fit)
	if err != nil {
		return Memory{}, fmt.Errorf("engine: memory: %w", err)
	}
	return memory, nil
}

func (m *Model) memory(ctx context.Context, train data.Source, fit Fit) (Memory, error) {
	dev, trial, memory, err := m.metered()
	if err != nil {
		return memory, err
	}
	before := dev.bytes
	t, err := trial.prepareFit(ctx, train, fit)
	if err != nil {
		return memory, err
	}
	for _, p := range []*pass{t.pass, t.validation} {
		if p != nil {
			memory.Data += p.feed.bytes()
		}
	}
	sum := int64(0)
	if t.grads.Buffer != nil {
		sum = t.grads.Bytes()
	}
	memory.Gradients += sum
	memory.Activations = dev.bytes - before - memory.Data - sum
	return memory, nil
}

// memoryOf is the memory for training at a batch size, without data.
func (m *Model) memoryOf(batch int) (Memory, error) {
	dev, trial, memory, err := m.metered()
	if err != nil {
		return memory, err
	}
	before := dev.bytes
	r := graph.NewRecorder(trial.store, graph.Training)
	b := trial.blank(r, batch)
	trial.recordTraining(r, b)
	trial.recordUpdate(r, trial.blankRates(r), backend.Region{})
	memory.Activations = dev.bytes - before
	return memory, r.Err()
}

// metered returns the model on a device that counts, and what it holds there.
func (m *Model) metered() (dev *meter, trial *Model, memory Memory, err error) {
	if m.store == nil {
		return nil, nil, memory, errClosed
	}
	dev = &meter{info: m.dev.Info()}
	trial = &Model{dev: dev, net: m.net, training: m.training, scores: m.scores, factor: m.factor, steps: m.steps}
	if trial.store, err = graph.NewBlankStore(dev, m.net.Variables(), m.training.Seed); err != nil {
		return nil, nil, memory, err
	}
	all := dev.bytes
	if params, grads, ok := trial.store.Arenas(); ok {
		memory.Parameters, memory.Gradients = params.Bytes(), grads.Bytes()
	}
	memory.Statistics = all - memory.Parameters - memory.Gradients
	err = trial.allocateSlots()
	memory.Optimizer = dev.bytes - all
	return dev, trial, memory, err
}

// bytes is what the examples take, with their order.
func (f *feed) bytes() (sum int64) {
	for _, r := range f.regions() {
		if r.Buffer != nil {
			sum += backend.Whole(r.Buffer).Bytes()
		}
	}
	return sum
}

// inferenceCost returns the arithmetic of each layer, and of all, for a batch in inference.
func (m *Model) inferenceCost(batch int) (byLayer map[string]backend.Cost, all backend.Cost, err error) {
	if m.store == nil {
		return nil, all, errClosed
	}
	store, err := graph.NewBlankStore(&meter{}, m.net.Variables(), 0)
	if err != nil {
		return nil, all, err
	}
	r := graph.NewRecorder(store, graph.Inference)
	outputs, _ := m.net.Record(r, m.blankInputs(r, batch)...)
	for _, y := range outputs {
		r.Keep(y)
	}
	byLayer = map[string]backend.Cost{}
	parts := r.Parts()
	for i, op := range r.Ops() {
		byLayer[parts[i]] = byLayer[parts[i]].Add(op.Cost())
		all = all.Add(op.Cost())
	}
	return byLayer, all, errors.Join(r.Err())
}
