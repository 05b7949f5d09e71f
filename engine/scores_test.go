package engine

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/metric"
)

// The scores of 613 examples, which make three batches, are those that the formulas give for the predictions, all at once.
func TestMetricsAcrossBatches(t *testing.T) {
	set := blobs(613)
	for _, device := range devices {
		t.Run(device.name, func(t *testing.T) {
			tr := smallTraining()
			tr.Metrics = []metric.Metric{metric.Accuracy{}, metric.Precision{}, metric.Recall{}, metric.AUC{}, metric.R2{}, metric.RootMeanSquaredError{}}
			m, err := Compile(device.open(t), small(), tr)
			require.NoError(t, err)
			defer m.Close()
			history, err := m.Fit(context.Background(), blobs(10), Fit{Validation: set, MicroBatch: 2, BatchSize: 4})
			require.NoError(t, err)
			assert.Len(t, history.Last().Scores, 7)
			scores, err := m.Evaluate(context.Background(), set)
			require.NoError(t, err)
			assert.Equal(t, history.Last().Validation, scores)
			matrix, err := m.ConfusionMatrix(context.Background(), set)
			require.NoError(t, err)
			p, err := m.Predict(context.Background(), set)
			require.NoError(t, err)
			want, counts := byHand(p, set.Labels)
			assert.Equal(t, counts, matrix)
			for name, value := range want {
				assert.InDelta(t, value, scores[name], 1e-5, name)
			}
		})
	}
}

// byHand computes scores and confusion matrix of probabilities of three classes.
func byHand(p [][]float32, labels []int) (scores map[string]float64, matrix [][]int) {
	matrix = [][]int{{0, 0, 0}, {0, 0, 0}, {0, 0, 0}}
	var above, hits, residuals float64
	residual, count := make([]float64, 3), make([]float64, 3)
	for i, label := range labels {
		row := p[i]
		matrix[label][slices.Index(row, slices.Max(row))]++
		count[label]++
		for c, v := range row {
			t := map[bool]float64{true: 1}[c == label]
			d := float64(v) - t
			residual[c], residuals = residual[c]+d*d, residuals+d*d
			if v > 0.5 {
				above, hits = above+1, hits+t
			}
		}
	}
	n, r2 := float64(len(labels)), 0.0
	for c := range 3 {
		mean := count[c] / n
		r2 += (1 - residual[c]/(count[c]*(1-mean)*(1-mean)+(n-count[c])*mean*mean)) / 3
	}
	return map[string]float64{"accuracy": float64(matrix[0][0]+matrix[1][1]+matrix[2][2]) / n, "precision": hits / above, "recall": hits / n,
		"r2_score": r2, "root_mean_squared_error": math.Sqrt(residuals / 3 / n)}, matrix
}
