package engine

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/loss"
	"github.com/gradus-ml/gradus/engine/nn"
)

// fitted trains a network of three classes on the oracle for two epochs of four full batches and a smaller one, and returns the loss of each step.
func fitted(t *testing.T, tr Training, layers ...nn.Layer) []float64 {
	return fittedOn(t, backendtest.NewOracle(), tr, layers...)
}

func fittedOn(t *testing.T, dev backend.Backend, tr Training, layers ...nn.Layer) []float64 {
	m, err := Compile(dev, nn.Sequential(append([]nn.Layer{nn.Input(4)}, layers...)...), tr)
	require.NoError(t, err)
	defer m.Close()
	history, err := m.Fit(context.Background(), blobs(55), Fit{Epochs: 2, BatchSize: 12})
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

// Random slopes are the same on every device, forwards and backwards: else the losses would part at once.
func TestRReLUAgrees(t *testing.T) {
	layers := func() []nn.Layer {
		return []nn.Layer{nn.Dense(8, nn.RReLU), nn.Dense(8, nn.RReLUBetween(0, 1)), nn.Dense(3, nn.Softmax)}
	}
	want := fitted(t, smallTraining(), layers()...)
	s := spreadOf(func(dev backend.Backend) map[string][]float64 {
		return map[string][]float64{"loss": fittedOn(t, dev, smallTraining(), layers()...)}
	})
	for _, o := range real {
		t.Run(o.name, func(t *testing.T) {
			dev := o.open(t)
			first := fittedOn(t, dev, smallTraining(), layers()...)
			s.holds(t, o, map[string][]float64{"loss": first}, map[string][]float64{"loss": want})
			assert.Equal(t, first, fittedOn(t, dev, smallTraining(), layers()...), "the same seed must give the same bits")
		})
	}
	other := smallTraining()
	other.Seed++
	assert.NotEqual(t, want, fitted(t, other, layers()...))
}

// What is trained with random slopes is used without: the same examples always give the same.
func TestRReLUPredicts(t *testing.T) {
	m, err := Compile(backendtest.NewOracle(), nn.Sequential(nn.Input(4), nn.Dense(8, nn.RReLU), nn.Dense(3, nn.Softmax)), smallTraining())
	require.NoError(t, err)
	defer m.Close()
	_, err = m.Fit(context.Background(), blobs(55), Fit{BatchSize: 12})
	require.NoError(t, err)
	first, err := m.Predict(context.Background(), blobs(20))
	require.NoError(t, err)
	second, err := m.Predict(context.Background(), blobs(20))
	require.NoError(t, err)
	assert.Equal(t, first, second)
}
