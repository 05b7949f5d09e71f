package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/data"
	"github.com/gradus-ml/gradus/engine/loss"
	"github.com/gradus-ml/gradus/engine/metric"
	"github.com/gradus-ml/gradus/engine/nn"
	"github.com/gradus-ml/gradus/engine/optim"
)

// trajectory is what testdata/trajectory.py computed with PyTorch in float64.
type trajectory struct {
	Shape   []int
	Units   []int
	Classes int
	Batch   int
	X       []float32
	Labels  []int
	Initial map[string][]float32
	Runs    []struct {
		Rate          float32
		Momentum      float64
		Nesterov      bool
		Losses        []float64
		Correct       int
		Final         map[string][]float64
		Evaluation    float64
		Probabilities [][]float64
	}
}

func readTrajectory(t testing.TB) trajectory {
	text, err := os.ReadFile("testdata/trajectory.json")
	require.NoError(t, err)
	var tr trajectory
	require.NoError(t, json.Unmarshal(text, &tr))
	require.Len(t, tr.Runs, 3)
	return tr
}

func (tr trajectory) network() *nn.Network {
	return nn.Sequential(
		nn.Input(tr.Shape...),
		nn.Flatten(),
		nn.BatchNorm(),
		nn.Dense(tr.Units[0], nn.ELU, nn.HeNormal),
		nn.BatchNorm(),
		nn.Dense(tr.Units[1], nn.ELU, nn.HeNormal),
		nn.BatchNorm(),
		nn.Dense(tr.Classes, nn.Softmax),
	)
}

// start compiles the network for run number i and gives it the initial values.
func (tr trajectory) start(t testing.TB, dev backend.Backend, i int) *Model {
	run := tr.Runs[i]
	m, err := Compile(dev, tr.network(), Training{
		Loss:      loss.SparseCategoricalCrossentropy{},
		Optimizer: optim.SGD{LearningRate: run.Rate, Momentum: run.Momentum, Nesterov: run.Nesterov},
		Metrics:   []metric.Metric{metric.Accuracy{}},
	})
	require.NoError(t, err)
	require.Len(t, tr.Initial, len(m.Variables()))
	for name, values := range tr.Initial {
		require.NoError(t, m.SetValue(name, values))
	}
	return m
}

func (tr trajectory) set() *data.Set {
	return &data.Set{Shape: tr.Shape, Floats: tr.X, Labels: tr.Labels}
}

// outcome is what a run of a trajectory gave.
type outcome struct {
	losses        []float64
	final         map[string][]float32
	correct       float64
	evaluation    float64
	probabilities [][]float32
}

func (tr trajectory) run(t testing.TB, dev backend.Backend, i int) outcome {
	m := tr.start(t, dev, i)
	defer m.Close()
	history, err := m.Fit(context.Background(), tr.set(), Fit{BatchSize: tr.Batch, InOrder: true})
	require.NoError(t, err)
	scores, err := m.Evaluate(context.Background(), tr.set())
	require.NoError(t, err)
	few, err := tr.set().Slice(0, 3)
	require.NoError(t, err)
	p, err := m.Predict(context.Background(), few)
	require.NoError(t, err)
	o := outcome{losses: history.Epochs[0].StepLosses, final: map[string][]float32{}, evaluation: scores["loss"],
		correct: history.Epochs[0].Scores["accuracy"] * float64(len(tr.Labels)), probabilities: p}
	for _, v := range m.Variables() {
		o.final[v.Name], err = m.Value(v.Name)
		require.NoError(t, err)
	}
	return o
}

// named has the numbers of an outcome by what they are.
func (o outcome) named() map[string][]float64 {
	list := map[string][]float64{"loss": o.losses, "evaluation": {o.evaluation}}
	for name, values := range o.final {
		list[name] = toFloat64(values)
	}
	for r, p := range o.probabilities {
		list[fmt.Sprint("probabilities of ", r)] = toFloat64(p)
	}
	return list
}

// wanted has what PyTorch computed for a run, by the same names.
func (tr trajectory) wanted(i int) map[string][]float64 {
	run := tr.Runs[i]
	list := map[string][]float64{"loss": run.Losses, "evaluation": {run.Evaluation}}
	maps.Copy(list, run.Final)
	for r, p := range run.Probabilities {
		list[fmt.Sprint("probabilities of ", r)] = p
	}
	return list
}

// spreads are those of each run.
func (tr trajectory) spreads(t testing.TB) (list []spread) {
	for i := range tr.Runs {
		list = append(list, spreadOf(func(dev backend.Backend) map[string][]float64 { return tr.run(t, dev, i).named() }))
	}
	return list
}

// Each backend must follow PyTorch's 20 steps: every loss, every final value, the moving averages, and inference afterwards. The
// oracle shows that engine and formulas agree to the last digit that a float32 result holds; the real
// backends may lose what 20 steps of float32 lose, which is measured.
func TestTrajectories(t *testing.T) {
	tr := readTrajectory(t)
	spreads := tr.spreads(t)
	for _, device := range devices {
		t.Run(device.name, func(t *testing.T) {
			dev := device.open(t)
			for i, want := range tr.Runs {
				t.Run(fmt.Sprintf("momentum %v nesterov %v", want.Momentum, want.Nesterov), func(t *testing.T) {
					got := tr.run(t, dev, i)
					require.Len(t, got.losses, 20)
					near(t, "correct", []float64{got.correct}, []float64{float64(want.Correct)}, 1e-12)
					spreads[i].holds(t, device, got.named(), tr.wanted(i))
				})
			}
		})
	}
}

func toFloat64[T float32 | float64](list []T) []float64 {
	out := make([]float64, len(list))
	for i, v := range list {
		out[i] = float64(v)
	}
	return out
}

// near compares relative to 1 + |want|.
func near(t *testing.T, what string, got, want []float64, tolerance float64) {
	t.Helper()
	require.Len(t, got, len(want), what)
	for i, w := range want {
		if d := math.Abs(got[i] - w); !(d <= tolerance*(1+math.Abs(w))) {
			t.Errorf("%s[%d] = %v, want %v (off by %.3g, tolerance %.3g)", what, i, got[i], w, d, tolerance*(1+math.Abs(w)))
		}
	}
}
