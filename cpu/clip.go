package cpu

import (
	"math"

	"github.com/gradus-ml/gradus/engine/ops"
)

func clip(o ops.Clip) *job { return clipping(o).job() }

func clipping(o ops.Clip) sweep {
	if o.Norm {
		return clippingByNorm(o)
	}
	grads, limit, set := f32(o.Grads), o.Limit, setOf(o.Grads)
	if set.vectorised() {
		v := vectors{set, clampKernel, [6]float32{limit}}
		return sweep{o.N, 4, func(from, to int) { v.elements(from, to, grads) }}
	}
	return sweep{o.N, 2 * lone, func(from, to int) {
		for i, g := range grads[from:to] {
			grads[from+i] = min(max(g, -limit), limit)
		}
	}}
}

// clippingByNorm does nothing where the norm is within its limit.
func clippingByNorm(o ops.Clip) sweep {
	grads, squares, set := f32(o.Grads), f32(o.Squares), setOf(o.Grads)
	cost, scale := lone, scaleBy
	if set.vectorised() {
		cost, scale = 4, func(x []float32, factor float32) {
			v := vectors{set, scaleKernel, [6]float32{factor}}
			v.elements(0, len(x), x, x)
		}
	}
	return sweep{o.N, cost, func(from, to int) {
		if factor := shrinking(o.Limit, squares[0]); factor != 1 {
			scale(grads[from:to], factor)
		}
	}}
}

func scaleBy(x []float32, factor float32) {
	for i := range x {
		x[i] *= factor
	}
}

// shrinking is the factor that brings the norm, of which it gets the square, down to the limit; NaN if that is.
func shrinking(limit, square float32) float32 {
	return float32(math.Min(1, float64(limit)/math.Sqrt(float64(square))))
}
