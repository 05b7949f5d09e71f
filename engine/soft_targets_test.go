package engine

import (
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/data"
	"github.com/gradus-ml/gradus/engine/loss"
	"github.com/gradus-ml/gradus/engine/nn"
	"github.com/gradus-ml/gradus/engine/optim"
)

// Cross-entropy is least where the network gives the smoothed targets themselves: (1 − s)·t + s/classes. Its softmax is part of the network or
// of the loss.
func TestSoftTargetsLearned(t *testing.T) {
	set := &data.Set{Shape: []int{2}, Floats: []float32{1, 0, 0, 1}, Targets: []float32{0.7, 0.2, 0.1, 0, 0, 1}, TargetShape: []int{3}}
	want := []float64{0.8*0.7 + 0.2/3, 0.8*0.2 + 0.2/3, 0.8*0.1 + 0.2/3, 0.2 / 3, 0.2 / 3, 0.8 + 0.2/3}
	entropy := 0.0
	for _, p := range want {
		entropy -= p * math.Log(p) / 2
	}
	for name, row := range map[string]struct {
		last func(outputs int) nn.Layer
		loss loss.Loss
	}{
		"probabilities": {func(n int) nn.Layer { return nn.Dense(n, nn.Softmax) }, loss.CategoricalCrossentropy{LabelSmoothing: 0.2}},
		"logits":        {func(n int) nn.Layer { return nn.Dense(n) }, loss.CategoricalCrossentropy{LabelSmoothing: 0.2, FromLogits: true}},
	} {
		for _, device := range devices {
			t.Run(name+" "+device.name, func(t *testing.T) {
				net := nn.Sequential(nn.Input(2), row.last(3))
				m, err := Compile(device.open(t), net, Training{Loss: row.loss, Optimizer: optim.SGD{LearningRate: 2, Momentum: 0.5}})
				require.NoError(t, err)
				defer m.Close()
				_, err = m.Fit(context.Background(), set, Fit{Epochs: 150})
				require.NoError(t, err)
				scores, err := m.Evaluate(context.Background(), set)
				require.NoError(t, err)
				assert.InDelta(t, entropy, scores["loss"], 1e-4)
			})
		}
	}
}

// A line is found by the mean squared error, to which its own least squares are the answer.
func TestLeastSquaresLearned(t *testing.T) {
	set := &data.Set{Shape: []int{1}, Floats: []float32{-1, 0, 1, 2}, Targets: []float32{-3, 0, 1, 6}, TargetShape: []int{1}}
	for _, device := range devices {
		t.Run(device.name, func(t *testing.T) {
			m, err := Compile(device.open(t), nn.Sequential(nn.Input(1), nn.Dense(1)),
				Training{Loss: loss.MeanSquaredError{}, Optimizer: optim.SGD{LearningRate: 0.1, Momentum: 0.5}})
			require.NoError(t, err)
			defer m.Close()
			_, err = m.Fit(context.Background(), set, Fit{Epochs: 300})
			require.NoError(t, err)
			kernel, err := m.Value("dense/kernel")
			require.NoError(t, err)
			bias, err := m.Value("dense/bias")
			require.NoError(t, err)
			// means are ½ and 1, Σ(x − ½)(t − 1) = 14, Σ(x − ½)² = 5
			assert.InDelta(t, 14./5, kernel[0], 1e-4)
			assert.InDelta(t, 1-14./5/2, bias[0], 1e-4)
		})
	}
}
