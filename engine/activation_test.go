package engine

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/loss"
	"github.com/gradus-ml/gradus/engine/nn"
)

// fitted trains a network of three classes for two epochs and returns the loss of each step.
func fitted(t *testing.T, tr Training, layers ...nn.Layer) []float64 {
	m, err := Compile(backendtest.NewOracle(), nn.Sequential(append([]nn.Layer{nn.Input(4)}, layers...)...), tr)
	require.NoError(t, err)
	defer m.Close()
	history, err := m.Fit(context.Background(), blobs(60), Fit{Epochs: 2, BatchSize: 12})
	require.NoError(t, err)
	return append(history.Epochs[0].StepLosses, history.Epochs[1].StepLosses...)
}

// Logarithms of probabilities are scores: a network that ends in them learns from logits as one that ends in Softmax does.
func TestLogSoftmaxGivesLogits(t *testing.T) {
	want := fitted(t, smallTraining(), nn.Dense(3, nn.Softmax))
	assert.InDeltaSlice(t, want, fitted(t, smallTraining(), nn.Dense(3), nn.Activation(nn.Softmax)), 1e-12)
	logits := smallTraining()
	logits.Loss = loss.SparseCategoricalCrossentropy{FromLogits: true}
	assert.InDeltaSlice(t, want, fitted(t, logits, nn.Dense(3, nn.LogSoftmax)), 1e-6)
	assert.InDeltaSlice(t, want, fitted(t, logits, nn.Dense(3)), 1e-12)
}

// The slopes of a PReLU are trained with the rest.
func TestPReLULearns(t *testing.T) {
	m, err := Compile(backendtest.NewOracle(), nn.Sequential(nn.Input(4), nn.Dense(8, nn.PReLU(nn.Constant(0.25))), nn.Dense(3, nn.Softmax)), smallTraining())
	require.NoError(t, err)
	defer m.Close()
	history, err := m.Fit(context.Background(), blobs(60), Fit{Epochs: 5, BatchSize: 12})
	require.NoError(t, err)
	assert.Less(t, history.Epochs[4].Scores["loss"], 0.8*history.Epochs[0].Scores["loss"])
	slopes, err := m.Value("dense/alpha")
	require.NoError(t, err)
	for i, slope := range slopes {
		assert.NotEqual(t, float32(0.25), slope, "slope %d", i)
	}
}
