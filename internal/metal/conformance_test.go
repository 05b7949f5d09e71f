//go:build linux

package metal_test

import (
	"context"
	"math"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine"
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/data"
	"github.com/gradus-ml/gradus/engine/loss"
	"github.com/gradus-ml/gradus/engine/metric"
	"github.com/gradus-ml/gradus/engine/nn"
	"github.com/gradus-ml/gradus/engine/ops"
	"github.com/gradus-ml/gradus/engine/optim"
	"github.com/gradus-ml/gradus/internal/metal"
	"github.com/gradus-ml/gradus/kernels"
)

// install makes Metal the only API of this process. Without clang++ the test is skipped, loudly, or fails where GRADUS_REQUIRE_GPU is 1.
func install(t *testing.T, o metal.Options) {
	t.Helper()
	if err := metal.Install(o); err != nil {
		if os.Getenv("GRADUS_REQUIRE_GPU") == "1" {
			t.Fatalf("GRADUS_REQUIRE_GPU=1, but the Metal source cannot be run: %v", err)
		}
		t.Skipf("*** NOT TESTED HERE: the kernels as Metal source, by %s: %v (make tools)", t.Name(), err)
	}
}

// TestConformance runs the cases of every operation, as Metal source, against the float64 oracle: those of less than 100,000 elements, or,
// under GRADUS_PROVE=1, all of them and the rest of the suite.
func TestConformance(t *testing.T) {
	install(t, metal.Options{})
	if os.Getenv("GRADUS_PROVE") == "1" {
		backendtest.Run(t, kernels.Open)
		return
	}
	dev, err := kernels.Open()
	require.NoError(t, err)
	assert.Equal(t, "metal", dev.Info().API)
	backendtest.RunOperations(t, 100_000, dev)
	require.NoError(t, dev.Close())
}

// TestFastMath compiles with clang's fast math, which, as Metal's does, adds up in another order where that would be the same for exact numbers: the
// operations that subtract large numbers to get at a small one. `make prove` (internal/proof) takes all operations.
func TestFastMath(t *testing.T) {
	install(t, metal.Options{FastMath: true})
	dev, err := kernels.Open()
	require.NoError(t, err)
	for _, op := range []backend.Op{ops.Softmax{}, ops.LogSoftmax{}, ops.LogSoftmaxGrad{}, ops.CrossEntropy{}, ops.LayerNorm{}, ops.Tally{}, ops.Noise{}} {
		backendtest.RunOperation(t, op.Name(), dev)
	}
	require.NoError(t, dev.Close())
}

// blobs is a data set of 32 examples of four features in three classes.
func blobs() *data.Set {
	s := &data.Set{Shape: []int{4}, Floats: make([]float32, 128), Labels: make([]int, 32)}
	for i := range s.Floats {
		s.Floats[i] = float32(i*i*7919%1000)/500 - 1
	}
	for i := range s.Labels {
		s.Labels[i] = i * i % 3
	}
	return s
}

// TestTraining has a whole step compiled and run, fused as kernels fuses it, and compares losses and weights with the oracle's. Then each operation of
// two steps is compared by itself.
func TestTraining(t *testing.T) {
	install(t, metal.Options{})
	dev, err := kernels.Open()
	require.NoError(t, err)
	defer dev.Close()
	training := engine.Training{Loss: loss.SparseCategoricalCrossentropy{}, Optimizer: optim.SGD{LearningRate: 0.05, Momentum: 0.9},
		Metrics: []metric.Metric{metric.Accuracy{}}, Seed: 42}
	network := func() *nn.Network {
		return nn.Sequential(nn.Input(4), nn.BatchNorm(), nn.Dense(40, nn.ELU, nn.HeNormal), nn.BatchNorm(), nn.Dense(3, nn.Softmax))
	}
	report, err := engine.Verify(context.Background(), backendtest.NewOracle(), dev, network(), training, blobs(), engine.Verification{Steps: 2, BatchSize: 8})
	require.NoError(t, err)
	assert.NoError(t, report.Err())
	losses := func(dev backend.Backend) []float64 {
		m, err := engine.Compile(dev, network(), training)
		require.NoError(t, err)
		defer m.Close()
		history, err := m.Fit(context.Background(), blobs(), engine.Fit{Epochs: 2, BatchSize: 8})
		require.NoError(t, err)
		return history.Last().StepLosses
	}
	want, far := losses(backendtest.NewOracle()), 0.0
	for seed := range uint64(8) {
		for i, v := range losses(backendtest.NewRounded(seed)) {
			far = max(far, math.Abs(v-want[i]))
		}
	}
	t.Logf("rounding takes a loss %.2g away", far)
	assert.InDeltaSlice(t, want, losses(dev), 4*far)
}
