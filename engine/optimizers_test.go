package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/ops"
	"github.com/gradus-ml/gradus/engine/optim"
)

// optimizers are set as testdata/optimizers.py sets PyTorch's.
var optimizers = map[string]optim.Optimizer{
	"Adam":                  optim.Adam{LearningRate: 0.0625},
	"AMSGrad":               optim.Adam{LearningRate: 0.0625, AMSGrad: true},
	"AdamW":                 optim.Adam{LearningRate: 0.0625, WeightDecay: 0.125},
	"Adamax":                optim.Adamax{LearningRate: 0.0625},
	"Nadam":                 optim.Nadam{LearningRate: 0.0625},
	"RMSprop":               optim.RMSprop{LearningRate: 0.0625},
	"RMSprop with momentum": optim.RMSprop{LearningRate: 0.0625, Momentum: 0.5},
	"Adagrad":               optim.Adagrad{LearningRate: 0.0625},
	"Adadelta":              optim.Adadelta{LearningRate: 16},
	"Lion":                  optim.Lion{LearningRate: 0.0625},
	"Lion with decay":       optim.Lion{LearningRate: 0.0625, WeightDecay: 0.125},
	"SGD":                   optim.SGD{LearningRate: 0.0625},
	"SGD with momentum":     optim.SGD{LearningRate: 0.0625, Momentum: 0.9},
	"SGD with Nesterov":     optim.SGD{LearningRate: 0.0625, Momentum: 0.9, Nesterov: true},
}

// optimizerRuns is what testdata/optimizers.py computed with PyTorch in float64.
type optimizerRuns struct {
	Start     []float32
	Gradients [][]float32
	Runs      map[string][][]float64
}

// apart is how far an optimizer may be from PyTorch after 12 steps, whatever the device: even the oracle is up to 5.5e-6 away with Adam's
// relatives. Keras adds epsilon before the bias correction and PyTorch after it, and the corrections take β₂ as a float32 while the
// oracle takes the decimal that was meant. The other optimizers stay within 1e-7 on the oracle.
const apart = 1e-5

// adams are the optimizers to which apart applies on every device.
var adams = []string{"Adam", "AdamW", "AMSGrad", "Nadam"}

// Every optimizer must follow an independent computation, after each of 12 steps.
func TestOptimizers(t *testing.T) {
	text, err := os.ReadFile("testdata/optimizers.json")
	require.NoError(t, err)
	var runs optimizerRuns
	require.NoError(t, json.Unmarshal(text, &runs))
	require.Len(t, runs.Runs, len(optimizers))
	for _, device := range devices {
		t.Run(device.name, func(t *testing.T) {
			dev := device.open(t)
			for name, want := range runs.Runs {
				t.Run(name, func(t *testing.T) {
					o, tolerance := optimizers[name], device.tolerance
					if slices.Contains(adams, name) {
						tolerance = max(tolerance, apart)
					}
					require.NoError(t, o.Check())
					for i, got := range runs.follow(t, dev, o) {
						near(t, fmt.Sprint("step ", i), toFloat64(got), want[i], tolerance)
					}
				})
			}
		})
	}
}

// follow makes the steps on a device and returns the parameters after each.
func (r optimizerRuns) follow(t *testing.T, dev backend.Backend, o optim.Optimizer) (after [][]float32) {
	in := backendtest.NewInputs(t, dev, 1)
	var rates []float32
	for i := range r.Gradients {
		rates = append(rates, o.Rates(i)...)
	}
	u := optim.Update{Params: in.Of(r.Start...), Grads: in.Of(r.Start...), Rates: in.Of(rates...), Clock: in.Indices(0)}
	for _, initial := range o.Slots() {
		u.Slots = append(u.Slots, in.Fill(len(r.Start), func(int) float64 { return float64(initial) }))
	}
	p, err := dev.Compile(append(o.Record(u), ops.Advance{Clock: u.Clock}))
	require.NoError(t, err)
	defer p.Release()
	for _, g := range r.Gradients {
		require.NoError(t, backend.Upload(dev, u.Grads, g))
		require.NoError(t, p.Run(1))
		w := make([]float32, len(r.Start))
		require.NoError(t, backend.Download(dev, w, u.Params))
		after = append(after, w)
	}
	return after
}

// Every optimizer trains, on every device.
func TestOptimizersLearn(t *testing.T) {
	for _, device := range real {
		t.Run(device.name, func(t *testing.T) {
			dev := device.open(t)
			for name, o := range map[string]optim.Optimizer{
				"Adam": optim.Adam{LearningRate: 0.01}, "AMSGrad": optim.Adam{LearningRate: 0.01, AMSGrad: true},
				"AdamW": optim.Adam{LearningRate: 0.01, WeightDecay: 0.004}, "Adamax": optim.Adamax{LearningRate: 0.02},
				"Nadam": optim.Nadam{LearningRate: 0.01}, "RMSprop": optim.RMSprop{LearningRate: 0.01},
				"Adagrad": optim.Adagrad{LearningRate: 0.1}, "Adadelta": optim.Adadelta{LearningRate: 30}, "Lion": optim.Lion{LearningRate: 0.005},
				"one cycle": optim.SGD{Schedule: optim.OneCycle{Max: 0.3, Steps: 100}, Momentum: 0.9},
			} {
				tr := smallTraining()
				tr.Optimizer = o
				m, err := Compile(dev, small(), tr)
				require.NoError(t, err)
				history, err := m.Fit(context.Background(), blobs(300), Fit{Epochs: 10, Validation: blobs(90)})
				require.NoError(t, err)
				assert.Greater(t, history.Last().Validation["accuracy"], 0.85, name)
				require.NoError(t, m.Close())
			}
		})
	}
}

// Clipped gradients move the parameters as the formulas say.
func TestClipped(t *testing.T) {
	for _, device := range devices {
		t.Run(device.name, func(t *testing.T) {
			dev := device.open(t)
			for _, row := range []struct {
				o    optim.Clipped
				want []float64 // after one step at rate 1 from 0, with gradients 3, −4, 0
			}{
				{optim.Clipped{Value: 2}, []float64{-2, 2, 0}},
				{optim.Clipped{GlobalNorm: 1}, []float64{-0.6, 0.8, 0}},
				{optim.Clipped{GlobalNorm: 10}, []float64{-3, 4, 0}},
				{optim.Clipped{Value: 3, GlobalNorm: 1}, []float64{-1 / math.Sqrt2, 1 / math.Sqrt2, 0}},
			} {
				row.o.Optimizer = optim.SGD{LearningRate: 1}
				require.NoError(t, row.o.Check())
				in := backendtest.NewInputs(t, dev, 1)
				u := optim.Update{Params: in.Of(0, 0, 0), Grads: in.Of(3, -4, 0), Rates: in.Of(1), Clock: in.Indices(0), Scratch: in.Of(0)}
				p, err := dev.Compile(row.o.Record(u))
				require.NoError(t, err)
				require.NoError(t, p.Run(1))
				w := make([]float32, 3)
				require.NoError(t, backend.Download(dev, w, u.Params))
				near(t, "w", toFloat64(w), row.want, 1e-6)
			}
		})
	}
}

// Clipping keeps a network that would burst.
func TestClippedTrains(t *testing.T) {
	tr := smallTraining()
	tr.Optimizer = optim.Clipped{Optimizer: optim.SGD{LearningRate: 0.1, Momentum: 0.9}, GlobalNorm: 1}
	m, err := Compile(backendtest.NewOracle(), small(), tr)
	require.NoError(t, err)
	defer m.Close()
	history, err := m.Fit(context.Background(), blobs(300), Fit{Epochs: 6, Validation: blobs(90)})
	require.NoError(t, err)
	assert.Greater(t, history.Last().Validation["accuracy"], 0.85)
}
