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
		{"nesterov", SGD{LearningRate: 0.5, Momentum: 0.5, Nesterov: true}, -0.75 - 0.875 - 0.9375},
	} {
		t.Run(row.name, func(t *testing.T) {
			require.NoError(t, row.sgd.Check())
			dev := backendtest.NewOracle()
			in := backendtest.NewInputs(t, dev, 1)
			u := Update{Params: in.Of(0), Grads: in.Of(1), Clock: in.Indices(0), Rates: in.Of(append(append(row.sgd.Rates(0), row.sgd.Rates(1)...), row.sgd.Rates(2)...)...)}
			for _, initial := range row.sgd.Slots() {
				u.Slots = append(u.Slots, in.Of(initial))
			}
			p, err := dev.Compile(append(row.sgd.Record(u), ops.Advance{Clock: u.Clock}))
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
	u := Update{Params: in.Of(1), Grads: in.Of(2)}
	p, err := dev.Compile(own.Record(u))
	require.NoError(t, err)
	require.NoError(t, p.Run(1))
	assert.Equal(t, 3.0, dev.Float64s(u.Params)[0])
}

type signFlip struct{ SGD }

func (signFlip) Record(u Update) []backend.Op {
	return []backend.Op{ops.Accumulate{X: u.Grads, Y: u.Params, N: u.Params.Len}}
}
