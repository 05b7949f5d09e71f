package engine

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/loss"
	"github.com/gradus-ml/gradus/engine/metric"
	"github.com/gradus-ml/gradus/engine/random"
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

// Targets far from 0 cost R2 digits, as its doc comment says; at 100 standard deviations the score is still good to 1e-4.
func TestR2FarFromZero(t *testing.T) {
	stream := random.NewStream(5, 0)
	var outputs, targets []float32
	for range 2000 {
		target := 100 + stream.Normal()
		outputs, targets = append(outputs, float32(target+stream.Normal()/2)), append(targets, float32(target))
	}
	mean, residual, spread := 0.0, 0.0, 0.0
	for _, v := range targets {
		mean += float64(v) / 2000
	}
	for i, v := range targets {
		residual += math.Pow(float64(v)-float64(outputs[i]), 2)
		spread += math.Pow(float64(v)-mean, 2)
	}
	for _, device := range devices {
		t.Run(device.name, func(t *testing.T) {
			m := passing(t, device.open(t), 1, loss.MeanSquaredError{}, metric.R2{})
			scores, err := m.Evaluate(context.Background(), predicted(outputs, 1, targets, nil))
			require.NoError(t, err)
			assert.InDelta(t, 1-residual/spread, scores["r2_score"], 1e-4)
		})
	}
}
