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

// Evaluate returns the mean loss and metrics over the set, in inference mode.
func (m *Model) Evaluate(ctx context.Context, set *data.Set) (Scores, error) {
	scores, err := m.evaluate(ctx, set)
	if err != nil {
		return nil, fmt.Errorf("engine: evaluate: %w", err)
	}
	return scores, nil
}

func (m *Model) evaluate(ctx context.Context, set *data.Set) (Scores, error) {
	if m.store == nil {
		return nil, errClosed
	}
	if err := m.checkSet(set, true); err != nil {
		return nil, err
	}
	p, err := m.newScoring(set)
	if err != nil {
		return nil, err
	}
	defer p.release()
	return m.score(given(ctx), p)
}

// newScoring prepares the scoring of a set that has been checked.
func (m *Model) newScoring(set *data.Set) (*pass, error) {
	p, err := newPass(m.dev, set, min(scoringBatch, set.Len()), false)
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
	_, err := p.run(ctx, p.identity, 0, func(_ int, rows []float64) error {
		sums.add(rows, p.examplesOf)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return sums.result(p.set.Len()), nil
}

// Predict returns the network's outputs for each example of the set, in inference mode; of several outputs the first's. The set's labels
// are not used and may be missing.
func (m *Model) Predict(ctx context.Context, set *data.Set) ([][]float32, error) {
	outputs, err := m.PredictAll(ctx, set)
	if err != nil {
		return nil, err
	}
	return outputs[0], nil
}

// PredictAll is Predict for networks with several outputs: the first index is the output's, the second the example's.
func (m *Model) PredictAll(ctx context.Context, set *data.Set) ([][][]float32, error) {
	outputs, _, err := m.outputs(ctx, set, graph.Inference, 1)
	if err != nil {
		return nil, fmt.Errorf("engine: predict: %w", err)
	}
	return outputs, nil
}

// Activations returns the outputs of a layer for each example of the set, in inference mode; of a shared layer those of its last place.
// The set's labels are not used.
func (m *Model) Activations(ctx context.Context, set *data.Set, layer string) ([][]float32, error) {
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
func (m *Model) outputs(ctx context.Context, set *data.Set, mode graph.Mode, times int) (outputs [][][]float32, took time.Duration, err error) {
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
func (m *Model) tensors(ctx context.Context, set *data.Set, want pick) (outputs [][][]float32, took time.Duration, err error) {
	if m.store == nil {
		return nil, 0, errClosed
	}
	if err := m.checkSet(set, false); err != nil {
		return nil, 0, err
	}
	p, err := newPassOver(m.dev, set.WithoutAnswers(), set.Numbers(want.times), min(scoringBatch, set.Len()*want.times), false)
	if err != nil {
		return nil, 0, err
	}
	defer p.release()
	var results [][]*graph.Tensor // of the full step, then of the smaller one
	err = p.compile(m.store, want.mode, 0, func(r *graph.Recorder, b batch) []tallied {
		ys := want.of(r, b.inputs)
		for _, y := range ys {
			r.Keep(y)
		}
		results = append(results, ys)
		return nil
	})
	if err == nil {
		err = m.dev.Sync()
	}
	if err != nil {
		return nil, 0, err
	}
	start := time.Now()
	outputs, err = m.readTensors(given(ctx), p, results)
	return outputs, time.Since(start), err
}

// readTensors runs the network over the pass and reads the results after each step.
func (m *Model) readTensors(ctx context.Context, p *pass, results [][]*graph.Tensor) ([][][]float32, error) {
	flat, sizes := make([][]float32, len(results[0])), make([]int, len(results[0]))
	for i, y := range results[0] {
		sizes[i] = y.Size() / p.rows
		flat[i] = make([]float32, len(p.identity)*sizes[i])
	}
	for done := range p.steps {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		step, ys := p.full, results[0]
		if p.examplesOf(done) < p.rows {
			step, ys = p.tail, results[1]
		}
		if err := step.Run(1); err != nil {
			return nil, err
		}
		for i, y := range ys {
			if err := backend.Download(m.dev, flat[i][done*p.rows*sizes[i]:][:y.Size()], y.Value()); err != nil {
				return nil, err
			}
		}
	}
	outputs := make([][][]float32, len(flat))
	for i := range flat {
		outputs[i] = split(flat[i], sizes[i])
	}
	return outputs, nil
}

func split(flat []float32, n int) [][]float32 {
	rows := make([][]float32, len(flat)/n)
	for i := range rows {
		rows[i] = flat[i*n : (i+1)*n : (i+1)*n]
	}
	return rows
}
