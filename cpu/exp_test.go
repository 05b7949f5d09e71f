package cpu

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestExp32(t *testing.T) {
	worst, worstM1 := 0.0, 0.0
	for x := float32(0); x >= -87; x -= 0.00037 + x*x*1e-6 {
		want := math.Exp(float64(x))
		worst = math.Max(worst, math.Abs(float64(exp32(x))-want)/want)
		if x != 0 {
			want = math.Expm1(float64(x))
			worstM1 = math.Max(worstM1, math.Abs(float64(expm132(x))-want)/math.Abs(want))
		}
	}
	assert.Less(t, worst, 3*0x1p-24, "relative error of exp32")
	assert.Less(t, worstM1, 6*0x1p-24, "relative error of expm132")
	assert.Equal(t, float32(1), exp32(0))
	assert.Equal(t, float32(0), expm132(0))
	assert.Equal(t, []float32{0, 0, -1, -1}, []float32{exp32(-88), exp32(float32(math.Inf(-1))), expm132(-1e4), expm132(float32(math.Inf(-1)))})
	assert.True(t, math.IsNaN(float64(exp32(float32(math.NaN())))))
	assert.True(t, math.IsNaN(float64(expm132(float32(math.NaN())))))
	for _, tiny := range []float32{-1e-30, -1e-10, -1e-5} {
		assert.InEpsilon(t, math.Expm1(float64(tiny)), float64(expm132(tiny)), 1e-6)
	}
}
