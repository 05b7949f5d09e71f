package engine

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/cpu"
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/graph"
	"github.com/gradus-ml/gradus/engine/nn"
)

// noisyNetwork has every kind of noise.
func noisyNetwork() *nn.Network {
	return nn.Sequential(nn.Input(4), nn.GaussianNoise(0.1), nn.Dense(16, nn.ELU, nn.HeNormal), nn.Dropout(0.3),
		nn.Dense(16, nn.ELU, nn.HeNormal), nn.AlphaDropout(0.1), nn.GaussianDropout(0.2), nn.Dense(3, nn.Softmax))
}

func compileNoisy(t testing.TB, dev backend.Backend, seed uint64) *Model {
	t.Helper()
	tr := smallTraining()
	tr.Seed = seed
	m, err := Compile(dev, noisyNetwork(), tr)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, m.Close()) })
	return m
}

func noisyLosses(t testing.TB, dev backend.Backend, seed uint64) []float64 {
	m := compileNoisy(t, dev, seed)
	history, err := m.Fit(context.Background(), blobs(101), Fit{Epochs: 2, BatchSize: 10})
	require.NoError(t, err)
	return append(history.Epochs[0].StepLosses, history.Epochs[1].StepLosses...)
}

// The random numbers are the same on all backends: so are the runs, as far as float32 goes. They repeat with the
// seed, to the bit on one backend, and change with it.
func TestNoiseAgrees(t *testing.T) {
	want := noisyLosses(t, backendtest.NewOracle(), 1)
	for _, device := range real {
		t.Run(device.name, func(t *testing.T) {
			dev := device.open(t)
			got := noisyLosses(t, dev, 1)
			near(t, "loss", got, want, 1e-4)
			assert.Equal(t, got, noisyLosses(t, dev, 1))
			assert.NotEqual(t, got, noisyLosses(t, dev, 2))
		})
	}
}

// While training, each kind keeps the mean of its inputs; Dropout drops its share and scales the rest; AlphaDropout keeps the
// variance too. Every step draws anew.
func TestNoiseStatistics(t *testing.T) {
	const rows, cols = 200, 500
	for _, row := range []struct {
		layer          nn.Layer
		mean, variance float64 // of what becomes of inputs of mean 0 and variance 1, shifted by 1 for the mean
	}{
		{nn.Dropout(0.25), 1, (1+1)/0.75 - 1},
		{nn.GaussianDropout(0.25), 1, 1 + 2*0.25/0.75},
		{nn.GaussianNoise(0.5), 1, 1.25},
	} {
		t.Run(nn.TypeOf(row.layer), func(t *testing.T) {
			first, second := sampled(t, row.layer, rows, cols, 1)
			mean, variance := moments(first)
			assert.InDelta(t, row.mean, mean, 0.02)
			assert.InDelta(t, row.variance, variance, 0.04)
			assert.NotEqual(t, first, second, "two steps drew the same numbers")
		})
	}
	first, _ := sampled(t, nn.AlphaDropout(0.25), rows, cols, 0)
	mean, variance := moments(first)
	assert.InDelta(t, 0, mean, 0.02)
	assert.InDelta(t, 1, variance, 0.02)
}

func moments(values []float64) (mean, variance float64) {
	n := float64(len(values))
	for _, v := range values {
		mean += v / n
	}
	for _, v := range values {
		variance += (v - mean) * (v - mean) / n
	}
	return mean, variance
}

// sampled runs a layer twice on normal numbers around the mean, as in training.
func sampled(t *testing.T, layer nn.Layer, rows, cols int, mean float64) (first, second []float64) {
	net := nn.Sequential(nn.Input(cols), layer)
	require.NoError(t, net.Err())
	oracle := backendtest.NewOracle()
	store, err := graph.NewStore(oracle, net.Variables(), 7)
	require.NoError(t, err)
	r := graph.NewRecorder(store, graph.Training)
	x := r.Input(false, rows, cols)
	for i, v := range noise(rows, cols).Floats {
		oracle.Float64s(x.Value())[i] = float64(v) + mean
	}
	y := net.Forward(r, x)
	r.Keep(y)
	step, err := r.Compile()
	require.NoError(t, err)
	for _, out := range []*[]float64{&first, &second} {
		require.NoError(t, step.Run(1))
		*out = append([]float64(nil), oracle.Float64s(y.Value())...)
	}
	return first, second
}

// In inference a network computes as if its noise were not there.
func TestNoNoiseInInference(t *testing.T) {
	m := compileNoisy(t, backendtest.NewOracle(), 1)
	first, err := m.Predict(context.Background(), blobs(20))
	require.NoError(t, err)
	second, err := m.Predict(context.Background(), blobs(20))
	require.NoError(t, err)
	assert.Equal(t, first, second)
}

func TestPredictMC(t *testing.T) {
	for _, device := range real {
		t.Run(device.name, func(t *testing.T) {
			m := compileNoisy(t, device.open(t), 1)
			_, err := m.Fit(context.Background(), blobs(300), Fit{Epochs: 3})
			require.NoError(t, err)
			sure, err := m.Predict(context.Background(), blobs(30))
			require.NoError(t, err)
			list, err := m.PredictMC(context.Background(), blobs(30), 200)
			require.NoError(t, err)
			require.Len(t, list, 30)
			agree := 0
			for i, u := range list {
				sum := 0.0
				for c, p := range u.Mean {
					sum += p
					assert.Positive(t, u.StdDev[c])
				}
				if largest(u.Mean) == largest(toFloat64(sure[i])) {
					agree++
				}
				assert.InDelta(t, 1, sum, 1e-5)
				assert.True(t, u.Entropy > 0 && u.Entropy <= math.Log(3)+1e-9)
			}
			assert.GreaterOrEqual(t, agree, 24, "examples for which the mean and the plain prediction name the same class")
			assert.NotEqual(t, list[0], list[3])
			again, err := m.PredictMC(context.Background(), blobs(30), 200)
			require.NoError(t, err)
			assert.NotEqual(t, list, again, "two calls drew the same numbers")
			_, err = m.PredictMC(context.Background(), blobs(30), 1)
			assert.ErrorContains(t, err, "1 passes, want at least 2")
			_, err = m.PredictMC(context.Background(), nil, 2)
			assert.ErrorContains(t, err, "no data set")
		})
	}
}

// largest returns which value is the largest.
func largest(values []float64) int {
	best := 0
	for i, v := range values {
		if v > values[best] {
			best = i
		}
	}
	return best
}

func TestUncertainty(t *testing.T) {
	u := uncertainty([][]float32{{0.25, 0.75}, {0.75, 0.25}})
	assert.Equal(t, []float64{0.5, 0.5}, u.Mean)
	assert.InDeltaSlice(t, []float64{math.Sqrt(0.125), math.Sqrt(0.125)}, u.StdDev, 1e-12)
	assert.InDelta(t, math.Ln2, u.Entropy, 1e-12)
}

func ExampleModel_PredictMC() {
	dev, err := cpu.Open()
	if err != nil {
		panic(err)
	}
	defer dev.Close()
	model, err := Compile(dev, noisyNetwork(), smallTraining()) // with Dropout
	if err != nil {
		panic(err)
	}
	defer model.Close()
	if _, err := model.Fit(context.Background(), blobs(300), Fit{Epochs: 5}); err != nil {
		panic(err)
	}
	list, err := model.PredictMC(context.Background(), blobs(3), 100)
	if err != nil {
		panic(err)
	}
	fmt.Println("the predictions of the first example vary:", list[0].StdDev[0] > 0)
	// Output: the predictions of the first example vary: true
}
