package optim

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/ops"
)

// Three steps on one parameter with gradient 1, by hand.
func TestSGD(t *testing.T) {
	for _, row := range []struct {
		name string
		sgd  SGD
		want float64 // of a parameter that starts at 0, after three steps
	}{
		{"plain", SGD{LearningRate: 0.5}, -1.5},
		{"the default rate", SGD{}, -0.03},
		{"momentum", SGD{LearningRate: 0.5, Momentum: 0.5}, -0.5 - 0.75 - 0.875},
		{"decay", SGD{LearningRate: 0.5, WeightDecay: 0.5}, -0.5 - 0.375 - 0.28125},
		{"a schedule of the momentum", SGD{LearningRate: 0.5, MomentumSchedule: ScheduleFunc(func(step int) float64 { return float64(step) / 4 })}, -0.5 - 0.625 - 0.8125},
		{"nesterov", SGD{LearningRate: 0.5, Momentum: 0.5, Nesterov: true}, -0.75 - 0.875 - 0.9375},
	} {
		t.Run(row.name, func(t *testing.T) {
			require.NoError(t, row.sgd.Check())
			dev := backendtest.NewOracle()
			in := backendtest.NewInputs(t, dev, 1)
			u := update(in, row.sgd, 1, 3)
			list, err := row.sgd.Record(u)
			require.NoError(t, err)
			p, err := dev.Compile(append(list, ops.Advance{Clock: u.Rates.Clock}))
			require.NoError(t, err)
			require.NoError(t, p.Run(3))
			assert.InDelta(t, row.want, dev.Float64s(u.Params)[0], 1e-8)
		})
	}
}

// An optimizer of one's own is made of the operations there are.
func TestOwnOptimizer(t *testing.T) {
	var own Optimizer = signFlip{}
	dev := backendtest.NewOracle()
	in := backendtest.NewInputs(t, dev, 1)
	list, err := own.Record(Update{Params: in.Of(1), Grads: in.Of(2)})
	require.NoError(t, err)
	p, err := dev.Compile(list)
	require.NoError(t, err)
	require.NoError(t, p.Run(1))
	assert.Equal(t, 3.0, dev.Float64s(list[0].(ops.Accumulate).Y)[0])
}

type signFlip struct{ SGD }

func (signFlip) Record(u Update) ([]backend.Op, error) {
	return []backend.Op{ops.Accumulate{X: u.Grads, Y: u.Params, N: u.Params.Len}}, nil
}

// update returns what an optimizer needs for some steps on n parameters that start at 0, with gradients of 1.
func update(in *backendtest.Inputs, o Optimizer, n, steps int) Update {
	var rates []float32
	for step := range steps {
		rates = append(rates, o.Rates(step, 1)...)
	}
	u := Update{Params: in.Fill(n, func(int) float64 { return 0 }), Grads: in.Fill(n, func(int) float64 { return 1 }), Memory: in,
		Rates: ops.Rates{Table: in.Of(rates...), Clock: in.Indices(0), Steps: steps, Columns: len(rates) / steps}}
	for _, initial := range o.Slots() {
		u.Slots = append(u.Slots, in.Fill(n, func(int) float64 { return float64(initial) }))
	}
	return u
}
