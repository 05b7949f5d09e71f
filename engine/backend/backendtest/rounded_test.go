package backendtest

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

// productAndCopy returns a product of ten terms and a copy of it, on an oracle.
func productAndCopy(t *testing.T, dev *Oracle) (product, copied []float64) {
	in := NewInputs(t, dev, 3)
	c, y := in.Result(30), in.Result(30)
	p, err := dev.Compile([]backend.Op{
		ops.MatMul{A: in.Normal(50, 0, 1), B: in.Normal(60, 0, 1), C: c, M: 5, N: 6, K: 10},
		ops.Columns{X: c, Y: y, Rows: 5, Cols: 6, Width: 6},
	})
	require.NoError(t, err)
	require.NoError(t, p.Run(1))
	return dev.Float64s(c), dev.Float64s(y)
}

func TestRounded(t *testing.T) {
	exact, _ := productAndCopy(t, NewOracle())
	worst := 0.0
	for seed := range uint64(20) {
		got, copied := productAndCopy(t, NewRounded(seed))
		assert.Equal(t, got, copied, "a copy is exact")
		again, _ := productAndCopy(t, NewRounded(seed))
		assert.Equal(t, got, again, "a seed gives the same errors")
		for i, v := range exact {
			scale := max(meanSize(exact), math.Abs(v), -garbage)
			worst = max(worst, math.Abs(got[i]-v)/(0x1p-24*math.Sqrt(20)*scale))
		}
	}
	assert.LessOrEqual(t, worst, 1.0)
	assert.Greater(t, worst, 0.9)
}
