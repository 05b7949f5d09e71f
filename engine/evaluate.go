package engine

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/data"
	"github.com/gradus-ml/gradus/engine/graph"
	"github.com/gradus-ml/gradus/engine/nn"
)

// scoringBatch is the batch size when nothing is trained: large, since results do not depend on it.
const scoringBatch = 256

// Evaluate returns the mean loss and metrics over the set or stream, in inference mode.
func (m *Model) Evaluate(ctx context.Context, set data.Source) (Scores, error) {
	scores, err := m.evaluate(ctx, set)
	if err != nil {
		return nil, fmt.Errorf("engine: evaluate: %w", err)
	}
	return scores, nil
}

func (m *Model) evaluate(ctx context.Context, from data.Source) (Scores, error) {
	if m.store == nil {
		return nil, errClosed
	}
	ctx = given(ctx)
	material, err := materialOf(ctx, from)
	if err == nil {
		err = m.checkSet(material.set, true)
	}
	if err != nil {
		return nil, err
	}
	p, err := m.newScoring(material)
	if err != nil {
		return nil, err
	}
	defer p.release()
	return m.score(ctx, p)
}

// newScoring prepares the scoring of material that has been checked.
func (m *Model) newScoring(material material) (*pass, error) {
	p, err := newPass(m.dev, material.answering(m), material.batch(0, scoringBatch), false)
	if err != nil {
		return nil, err
	}
	if err := p.compile(m.store, graph.Inference, widthOf(m.scores), m.recordScores); err != nil {
		p.release()
		return nil, err
	}
	return p, nil
}

func (m *Model) score(ctx context.Context, p *pass) (Scores, error) {
	sums := newTally(m.scores)
	done, err := p.over(ctx, visit{report: func(_ int, rows []float64) error {
		sums.add(rows, p.sizeOf)
		return nil
	}})
	if err != nil {
		return nil, err
	}
	return sums.result(p.taken(done)), nil
}

// Predict returns the network's outputs for each example of the set or stream, in inference mode; of several outputs the first's. The set's labels
// are not used and may be missing.
func (m *Model) Predict(ctx context.Context, set data.Source) ([][]float32, error) {
	outputs, err := m.PredictAll(ctx, set)
	if err != nil {
		return nil, err
	}
	return outputs[0], nil
}

// PredictAll is Predict for networks with several outputs: the first index is the output's, the second the example's.
func (m *Model) PredictAll(ctx context.Context, set data.Source) ([][][]float32, error) {
	outputs, _, err := m.outputs(ctx, set, graph.Inference, 1)
	if err != nil {
		return nil, fmt.Errorf("engine: predict: %w", err)
	}
	return outputs, nil
}

// Activations returns the outputs of a layer for each example of the set, in inference mode; of a shared layer those of its last place.
// The set's labels are not used.
func (m *Model) Activations(ctx context.Context, set data.Source, layer string) ([][]float32, error) {
	i := slices.IndexFunc(m.net.Layers(), func(p nn.Placed) bool { return p.Name == layer })
	if i < 0 {
		return nil, fmt.Errorf("engine: activations: no layer %q", layer)
	}
	outputs, _, err := m.tensors(ctx, set, pick{mode: graph.Inference, times: 1, of: func(r *graph.Recorder, x []*graph.Tensor) []*graph.Tensor {
		return m.net.Outputs(r, x...)[i : i+1]
	}})
	if err != nil {
		return nil, fmt.Errorf("engine: activations: %w", err)
	}
	return outputs[0], nil
}

// outputs returns all outputs for each example, times times each, and how long the device took, uploading and
// compiling excluded.
func (m *Model) outputs(ctx context.Context, set data.Source, mode graph.Mode, times int) (outputs [][][]float32, took time.Duration, err error) {
	return m.tensors(ctx, set, pick{mode, times, func(r *graph.Recorder, x []*graph.Tensor) []*graph.Tensor {
		ys, _ := m.net.Record(r, x...)
		return ys
	}})
}

// pick says which tensors of the network are wanted, in which mode, and how often for each example.
type pick struct {
	mode  graph.Mode
	times int
	of    func(r *graph.Recorder, x []*graph.Tensor) []*graph.Tensor
}

// tensors returns what is picked, by tensor and example, and how long the device took.
func (m *Model) tensors(ctx context.Context, from data.Source, want pick) (outputs [][][]float32, took time.Duration, err error) {
	if m.store == nil {
		return nil, 0, errClosed
	}
	ctx = given(ctx)
	material, err := materialOf(ctx, from)
	if err == nil {
		err = m.checkSet(material.set, false)
	}
	if err != nil {
		return nil, 0, err
	}
	p, err := m.newReading(material.withoutAnswers(), want.times)
	if err != nil {
		return nil, 0, err
	}
	defer p.release()
	reading := reading{pass: p}
	if err = p.compile(m.store, want.mode, 0, reading.of(want)); err == nil {
		err = m.dev.Sync()
	}
	if err != nil {
		return nil, 0, err
	}
	start := time.Now()
	outputs, err = reading.all(ctx)
	return outputs, time.Since(start), err
}

// newReading prepares a pass that takes each example so many times; of a stream, once.
func (m *Model) newReading(material material, times int) (*pass, error) {
	if material.stream != nil {
		return newPass(m.dev, material, scoringBatch, false)
	}
	set := material.set
	return newPassOver(m.dev, set, set.Numbers(times), min(scoringBatch, set.Len()*times), false)
}

// reading reads tensors of the network after each step of a pass.
type reading struct {
	*pass
	full, tail []*graph.Tensor // of a full step, and of the smaller one that was compiled last
	flat       [][]float32
}

// of records what is picked.
func (g *reading) of(want pick) recording {
	return func(r *graph.Recorder, b batch) []tallied {
		ys := want.of(r, b.inputs)
		for _, y := range ys {
			r.Keep(y)
		}
		if g.tail = ys; g.full == nil {
			g.full, g.flat = ys, make([][]float32, len(ys))
		}
		return nil
	}
}

// all goes over the pass.
func (g *reading) all(ctx context.Context) ([][][]float32, error) {
	for i, y := range g.full {
		g.flat[i] = make([]float32, 0, len(g.identity)*y.Size()/g.rows)
	}
	g.most = 1
	if _, err := g.over(ctx, visit{report: func(done int, _ []float64) error { return g.read(done - 1) }}); err != nil {
		return nil, err
	}
	outputs := make([][][]float32, len(g.flat))
	for i, y := range g.full {
		outputs[i] = split(g.flat[i], y.Size()/g.rows)
	}
	return outputs, nil
}

// read reads what a step gave.
func (g *reading) read(step int) error {
	ys := g.full
	if g.sizeOf(step) < g.rows {
		ys = g.tail
	}
	for i, y := range ys {
		values := make([]float32, y.Size())
		if err := backend.Download(g.dev, values, y.Value()); err != nil {
			return err
		}
		g.flat[i] = append(g.flat[i], values...)
	}
	return nil
}

func split(flat []float32, n int) [][]float32 {
	rows := make([][]float32, len(flat)/n)
	for i := range rows {
		rows[i] = flat[i*n : (i+1)*n : (i+1)*n]
	}
	return rows
}
