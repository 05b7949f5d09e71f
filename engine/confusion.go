package engine

import (
	"context"
	"fmt"

	"github.com/gradus-ml/gradus/engine/data"
	"github.com/gradus-ml/gradus/engine/graph"
)

// ConfusionMatrix counts the examples of a set by their class, the row, and the most probable class that the network gives, the column, in
// inference mode. Where an output is NaN an example counts nowhere. Of several outputs it is the first's.
func (m *Model) ConfusionMatrix(ctx context.Context, set *data.Set) ([][]int, error) {
	matrix, err := m.confusion(given(ctx), set)
	if err != nil {
		return nil, fmt.Errorf("engine: confusion matrix: %w", err)
	}
	return matrix, nil
}

func (m *Model) confusion(ctx context.Context, set *data.Set) ([][]int, error) {
	if m.store == nil {
		return nil, errClosed
	}
	if err := m.checkSet(set, true); err != nil {
		return nil, err
	}
	classes := m.net.Output()[len(m.net.Output())-1]
	if len(m.net.Output()) != 1 || classes < 2 {
		return nil, fmt.Errorf("the network's output is %v, want [classes] with 2 or more", m.net.Output())
	}
	p, err := newPass(m.dev, material{set: set}, min(scoringBatch, set.Len()), false)
	if err != nil {
		return nil, err
	}
	defer p.release()
	counts := score{name: "confusion_matrix", width: classes * classes}
	err = p.compile(m.store, graph.Inference, counts.width, func(r *graph.Recorder, b batch) []tallied {
		y := m.net.Forward(r, b.inputs...)
		return []tallied{{counts, graph.ConfusionMatrix(r, y, graph.Labels(r, b.answer(0)))}}
	})
	if err != nil {
		return nil, err
	}
	sums := newTally([]score{counts})
	_, err = p.over(ctx, visit{report: func(_ int, rows []float64) error {
		sums.add(rows, p.sizeOf)
		return nil
	}})
	return square(sums.sums, classes), err
}

// square cuts counts into rows.
func square(counts []float64, n int) [][]int {
	rows := make([][]int, n)
	for i, v := range counts {
		rows[i/n] = append(rows[i/n], int(v))
	}
	return rows
}
