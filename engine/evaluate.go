package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/data"
	"github.com/gradus-ml/gradus/engine/graph"
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
	_, err := p.run(ctx, p.identity, func(_ int, rows []float64) error {
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

// outputs returns all outputs for each example, times times each, and how long the device took, uploading and
// compiling excluded.
func (m *Model) outputs(ctx context.Context, set *data.Set, mode graph.Mode, times int) (outputs [][][]float32, took time.Duration, err error) {
	if m.store == nil {
		return nil, 0, errClosed
	}
	if err := m.checkSet(set, false); err != nil {
		return nil, 0, err
	}
	p, err := newPassOver(m.dev, set.WithoutAnswers(), set.Numbers(times), min(scoringBatch, set.Len()*times), false)
	if err != nil {
		return nil, 0, err
	}
	defer p.release()
	var results [][]*graph.Tensor // of the full step, then of the smaller one
	err = p.compile(m.store, mode, 0, func(r *graph.Recorder, b batch) []tallied {
		ys, _ := m.net.Record(r, b.inputs...)
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
	outputs, err = m.readOutputs(given(ctx), p, results)
	return outputs, time.Since(start), err
}

// readOutputs runs the network over the pass and reads its outputs after each step.
func (m *Model) readOutputs(ctx context.Context, p *pass, results [][]*graph.Tensor) ([][][]float32, error) {
	var flat [][]float32 // by output
	shapes := m.net.OutputShapes()
	for _, shape := range shapes {
		flat = append(flat, make([]float32, len(p.identity)*graph.Size(shape)))
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
			from := done * p.rows * graph.Size(shapes[i])
			if err := backend.Download(m.dev, flat[i][from:][:y.Size()], y.Value()); err != nil {
				return nil, err
			}
		}
	}
	outputs := make([][][]float32, len(flat))
	for i := range flat {
		outputs[i] = split(flat[i], graph.Size(shapes[i]))
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
