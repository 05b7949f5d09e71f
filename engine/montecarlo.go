package engine

import (
	"context"
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/engine/data"
	"github.com/gradus-ml/gradus/engine/graph"
)

// Uncertainty is what several random predictions of one example say.
type Uncertainty struct {
	Mean    []float64 // of each output
	StdDev  []float64 // of each output, with n − 1 in the denominator
	Entropy float64   // of the mean, −Σ p·log p in nats; meaningful where the outputs are probabilities
}

// PredictMC predicts each example n times, at least twice, with Dropout and its relatives as random as in training and BatchNorm as in
// inference, and returns what the predictions say together (Monte Carlo dropout; Gal and Ghahramani, 2016). All predictions run as one
// batched program. Of several outputs they are the first's. The set's labels are not used.
func (m *Model) PredictMC(ctx context.Context, set *data.Set, n int) ([]Uncertainty, error) {
	if n < 2 {
		return nil, fmt.Errorf("engine: predict: %d passes, want at least 2", n)
	}
	outputs, _, err := m.outputs(ctx, set, graph.Sampling, n)
	if err != nil {
		return nil, fmt.Errorf("engine: predict: %w", err)
	}
	list := make([]Uncertainty, set.Len())
	for i := range list {
		list[i] = uncertainty(outputs[0][i*n : (i+1)*n])
	}
	return list, nil
}

// uncertainty sums up the predictions of one example.
func uncertainty(rows [][]float32) Uncertainty {
	features, n := len(rows[0]), float64(len(rows))
	u := Uncertainty{Mean: make([]float64, features), StdDev: make([]float64, features)}
	for c := range features {
		for _, row := range rows {
			u.Mean[c] += float64(row[c]) / n
		}
		for _, row := range rows {
			u.StdDev[c] += math.Pow(float64(row[c])-u.Mean[c], 2) / (n - 1)
		}
		u.StdDev[c] = math.Sqrt(u.StdDev[c])
		if p := u.Mean[c]; p > 0 {
			u.Entropy -= p * math.Log(p)
		}
	}
	return u
}
