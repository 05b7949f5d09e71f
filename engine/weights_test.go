package engine

import (
	"context"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/data"
	"github.com/gradus-ml/gradus/engine/loss"
	"github.com/gradus-ml/gradus/engine/metric"
)

// The loss is Σ wᵢ·lᵢ over the number of examples, not over the sum of the weights, as in Keras; metrics leave the weights out.
func TestWeightedLoss(t *testing.T) {
	for _, device := range devices {
		t.Run(device.name, func(t *testing.T) {
			m := passing(t, device.open(t), 1, loss.MeanSquaredError{}, metric.MeanSquaredError{})
			set := predicted([]float32{1, 2, 3, 4}, 1, []float32{0, 0, 0, 0}, nil) // losses are 1, 4, 9 and 16
			set.Weights = []float32{2, 0, 1, 0.5}
			scores, err := m.Evaluate(context.Background(), set)
			require.NoError(t, err)
			assert.InDelta(t, (2*1+0*4+1*9+0.5*16)/4., scores["loss"], 1e-6)
			assert.InDelta(t, (1+4+9+16)/4., scores["mean_squared_error"], 1e-6)
		})
	}
}

// A gradient step of y = k·x by the mean of w·(y − t)² moves k by −rate·Σ w·2·(y − t)·x/n, worked out by hand.
func TestWeightedStep(t *testing.T) {
	for name, row := range map[string]struct {
		weights []float32
		classes map[int]float32
		want    float64
	}{
		// k = 1, rate 0.01, x = 1, 2, 3, 4 and t = 0, 1, 0, 1: the terms 2·(x − t)·x are 2, 4, 18 and 24
		"neither":         {nil, nil, 1 - 0.01*(2+4+18+24)/4},
		"of the examples": {[]float32{2, 0, 1, 0.5}, nil, 1 - 0.01*(2*2+0*4+1*18+0.5*24)/4},
		"of the classes":  {nil, map[int]float32{1: 3}, 1 - 0.01*(2+3*4+18+3*24)/4},
		"both":            {[]float32{2, 0, 1, 0.5}, map[int]float32{0: 0.5, 1: 3}, 1 - 0.01*(0.5*2*2+0+0.5*1*18+3*0.5*24)/4},
	} {
		for _, device := range devices {
			t.Run(name+" "+device.name, func(t *testing.T) {
				m := passing(t, device.open(t), 1, loss.MeanSquaredError{})
				set := &data.Set{Shape: []int{1}, Floats: []float32{1, 2, 3, 4}, Labels: []int{0, 1, 0, 1}, Weights: row.weights}
				before := slices.Clone(set.Weights)
				_, err := m.Fit(context.Background(), set, Fit{ClassWeight: row.classes})
				require.NoError(t, err)
				kernel, err := m.Value("dense/kernel")
				require.NoError(t, err)
				assert.InDelta(t, row.want, kernel[0], 1e-6)
				assert.Equal(t, before, set.Weights, "the set is as it was")
			})
		}
	}
}
