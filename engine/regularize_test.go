package engine

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/nn"
	"github.com/gradus-ml/gradus/engine/optim"
)

func compileDense(t testing.TB, dev backend.Backend, options ...nn.DenseOption) *Model {
	t.Helper()
	tr := smallTraining()
	tr.Optimizer = optim.SGD{LearningRate: 0.1}
	m, err := Compile(dev, nn.Sequential(nn.Input(4), nn.Dense(3, append(options, nn.Softmax)...)), tr)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, m.Close()) })
	return m
}

// The loss with regularisers is the loss without, plus what their formulas say of the weights; and a step moves the weights by the formulas'
// gradient besides.
func TestRegularizers(t *testing.T) {
	const l1, l2 = 0.03, 0.2
	set := blobs(30)
	for _, device := range devices {
		t.Run(device.name, func(t *testing.T) {
			dev := device.open(t)
			plain := compileDense(t, dev)
			m := compileDense(t, dev, nn.KernelRegularizer(nn.L1L2(l1, l2)), nn.BiasRegularizer(nn.L2(l2)))
			bias := []float32{0.5, -0.25, 1}
			require.NoError(t, plain.SetValue("dense/bias", bias))
			require.NoError(t, m.SetValue("dense/bias", bias))
			kernel := values(t, m)["dense/kernel"]
			penalty := 0.0
			for _, w := range kernel {
				penalty += l1*math.Abs(float64(w)) + l2*float64(w)*float64(w)
			}
			for _, b := range bias {
				penalty += l2 * float64(b) * float64(b)
			}
			before, err := plain.Evaluate(context.Background(), set)
			require.NoError(t, err)
			after, err := m.Evaluate(context.Background(), set)
			require.NoError(t, err)
			assert.InDelta(t, before["loss"]+penalty, after["loss"], 1e-5)
			for _, model := range []*Model{plain, m} {
				history, err := model.Fit(context.Background(), set, Fit{BatchSize: 30, InOrder: true})
				require.NoError(t, err)
				assert.InDelta(t, map[*Model]float64{plain: before["loss"], m: after["loss"]}[model], history.Last().Scores["loss"], 1e-5)
			}
			moved, without := values(t, m)["dense/kernel"], values(t, plain)["dense/kernel"]
			for i, w := range kernel {
				gradient := l1*math.Copysign(1, float64(w)) + 2*l2*float64(w)
				assert.InDelta(t, float64(without[i])-0.1*gradient, float64(moved[i]), 1e-5)
			}
		})
	}
}

// The cost of activities is divided by the batch size: it does not depend on it.
func TestActivityRegularizer(t *testing.T) {
	m := compileDense(t, backendtest.NewOracle(), nn.ActivityRegularizer(nn.L2(0.5)))
	plain := compileDense(t, backendtest.NewOracle())
	for _, n := range []int{1, 30} {
		set := blobs(n)
		outputs, err := m.Predict(context.Background(), set)
		require.NoError(t, err)
		penalty := 0.0
		for _, row := range outputs {
			for _, v := range row {
				penalty += 0.5 * float64(v) * float64(v) / float64(n)
			}
		}
		with, err := m.Evaluate(context.Background(), set)
		require.NoError(t, err)
		without, err := plain.Evaluate(context.Background(), set)
		require.NoError(t, err)
		assert.InDelta(t, without["loss"]+penalty, with["loss"], 1e-5)
	}
}

// After each update the kernel keeps its bound.
func TestConstraints(t *testing.T) {
	for _, device := range devices {
		t.Run(device.name, func(t *testing.T) {
			dev := device.open(t)
			for _, row := range []struct {
				constraint nn.Constraint
				holds      func(column []float64, norm float64) bool
			}{
				{nn.MaxNorm(0.5), func(_ []float64, norm float64) bool { return norm <= 0.5+1e-5 }},
				{nn.UnitNorm, func(_ []float64, norm float64) bool { return math.Abs(norm-1) < 1e-5 }},
				{nn.NonNeg, func(column []float64, _ float64) bool {
					return column[0] >= 0 && column[1] >= 0 && column[2] >= 0 && column[3] >= 0
				}},
			} {
				m := compileDense(t, dev, row.constraint)
				_, err := m.Fit(context.Background(), blobs(60), Fit{Epochs: 2, BatchSize: 10})
				require.NoError(t, err)
				kernel := values(t, m)["dense/kernel"]
				for c := range 3 {
					var column []float64
					norm := 0.0
					for r := range 4 {
						column = append(column, float64(kernel[3*r+c]))
						norm += column[r] * column[r]
					}
					assert.True(t, row.holds(column, math.Sqrt(norm)), "%v: column %d is %v", row.constraint, c, column)
				}
			}
		})
	}
}

func ExampleModel_regularised() {
	net := nn.Sequential(
		nn.Input(4),
		nn.Dense(16, nn.ELU, nn.HeNormal, nn.KernelRegularizer(nn.L2(0.01)), nn.MaxNorm(2)),
		nn.Dropout(0.2),
		nn.Dense(3, nn.Softmax),
	)
	model, err := Compile(backendtest.NewOracle(), net, smallTraining())
	if err != nil {
		panic(err)
	}
	defer model.Close()
	history, err := model.Fit(context.Background(), blobs(300), Fit{Epochs: 5, Validation: blobs(90)})
	if err != nil {
		panic(err)
	}
	fmt.Println("it learns:", history.Last().Validation["accuracy"] > 0.8)
	// Output: it learns: true
}
