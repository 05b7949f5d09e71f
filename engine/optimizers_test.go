package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"os"
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
	"Adam with a cycle":     optim.Adam{LearningRate: 0.0625, Beta1Schedule: falling12},
	"Adamax with decay":     optim.Adamax{LearningRate: 0.0625, WeightDecay: 0.125},
	"Nadam with decay":      optim.Nadam{LearningRate: 0.0625, WeightDecay: 0.125},
	"RMSprop with decay":    optim.RMSprop{LearningRate: 0.0625, Momentum: 0.5, WeightDecay: 0.125},
	"Adagrad with decay":    optim.Adagrad{LearningRate: 0.0625, WeightDecay: 0.125},
	"Adadelta with decay":   optim.Adadelta{LearningRate: 4, WeightDecay: 0.125},
	"SGD with decay":        optim.SGD{LearningRate: 0.0625, WeightDecay: 0.125},
	"SGD with all":          optim.SGD{LearningRate: 0.0625, Momentum: 0.9, Nesterov: true, WeightDecay: 0.125},
	"SGD with a cycle":      optim.SGD{LearningRate: 0.0625, MomentumSchedule: falling12},
	"SGD":                   optim.SGD{LearningRate: 0.0625},
	"SGD with momentum":     optim.SGD{LearningRate: 0.0625, Momentum: 0.9},
	"SGD with Nesterov":     optim.SGD{LearningRate: 0.0625, Momentum: 0.9, Nesterov: true},
}

// falling12 is the momentum of step t: 0.95 − t/120.
var falling12 = optim.ScheduleFunc(func(step int) float64 { return 0.95 - float64(step)/120 })

// optimizerRuns is what testdata/optimizers.py computed with PyTorch in float64.
type optimizerRuns struct {
	Start     []float32
	Gradients [][]float32
	Runs      map[string][][]float64
}

// Every optimizer must follow an independent computation, after each of 12 steps. On the oracle all are within 6e-8: what remains is that the
// rates of a step are float32, and that values are rounded when they are read.
func TestOptimizers(t *testing.T) {
	text, err := os.ReadFile("testdata/optimizers.json")
	require.NoError(t, err)
	var runs optimizerRuns
	require.NoError(t, json.Unmarshal(text, &runs))
	require.Len(t, runs.Runs, len(optimizers))
	spreads := map[string]spread{}
	for name, o := range optimizers {
		require.NoError(t, o.Check())
		spreads[name] = spreadOf(func(dev backend.Backend) map[string][]float64 { return runs.follow(t, dev, o) })
	}
	for _, device := range devices {
		t.Run(device.name, func(t *testing.T) {
			dev := device.open(t)
			for name, list := range runs.Runs {
				t.Run(name, func(t *testing.T) {
					want := map[string][]float64{}
					for i, values := range list {
						want[fmt.Sprint("step ", i)] = values
					}
					spreads[name].holds(t, device, runs.follow(t, dev, optimizers[name]), want)
				})
			}
		})
	}
}

// follow makes the steps on a device and returns the parameters after each.
func (r optimizerRuns) follow(t *testing.T, dev backend.Backend, o optim.Optimizer) map[string][]float64 {
	after := map[string][]float64{}
	u := updateOf(backendtest.NewInputs(t, dev, 1), o, r.Start, len(r.Gradients))
	list, err := o.Record(u)
	require.NoError(t, err)
	p, err := dev.Compile(append(list, ops.Advance{Clock: u.Rates.Clock}))
	require.NoError(t, err)
	defer p.Release()
	for i, g := range r.Gradients {
		require.NoError(t, backend.Upload(dev, u.Grads, g))
		require.NoError(t, p.Run(1))
		w := make([]float32, len(r.Start))
		require.NoError(t, backend.Download(dev, w, u.Params))
		after[fmt.Sprint("step ", i)] = toFloat64(w)
	}
	return after
}

// updateOf returns what an optimizer needs for some steps from the parameters given.
func updateOf(in *backendtest.Inputs, o optim.Optimizer, params []float32, steps int) optim.Update {
	var rates []float32
	for i := range steps {
		rates = append(rates, o.Rates(i, 1)...)
	}
	u := optim.Update{Params: in.Of(params...), Grads: in.Of(params...), Memory: in,
		Rates: ops.Rates{Table: in.Of(rates...), Clock: in.Indices(0), Steps: steps, Columns: len(rates) / steps}}
	for _, initial := range o.Slots() {
		u.Slots = append(u.Slots, in.Fill(len(params), func(int) float64 { return float64(initial) }))
	}
	return u
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
				"Lamb": optim.Lamb{LearningRate: 0.02}, "Muon": optim.Muon{LearningRate: 0.01, Except: []string{"dense_1/*"}},
				"groups":    halfLower(optim.SGD{LearningRate: 0.1, Momentum: 0.9, WeightDecay: 0.01}),
				"clipped":   optim.Clipped{Optimizer: optim.SGD{LearningRate: 0.2, Momentum: 0.9}, Adaptive: 0.1, VariableNorm: 1, Except: []string{"dense_1/*"}},
				"one cycle": optim.SGD{Schedule: optim.OneCycle{Max: 0.3, Steps: 100}, MomentumSchedule: optim.OneCycle{Steps: 100}.Momentum()},
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

func halfLower(o optim.Optimizer) optim.Optimizer {
	return optim.Grouped{Optimizer: o, Groups: []optim.Group{optim.Undecayed(), {Match: []string{"dense/*"}, Rate: 0.5}}}
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
				u := updateOf(backendtest.NewInputs(t, dev, 1), row.o, make([]float32, 3), 1)
				require.NoError(t, backend.Upload(dev, u.Grads, []float32{3, -4, 0}))
				list, err := row.o.Record(u)
				require.NoError(t, err)
				p, err := dev.Compile(list)
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
