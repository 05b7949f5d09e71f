package cpu

import (
	"math"

	"github.com/gradus-ml/gradus/engine/ops"
)

func clip(o ops.Clip) *job {
	if setOf(o.Grads).vectorised() {
		return fastClip(o)
	}
	grads, limit := f32(o.Grads), o.Limit
	if o.Norm {
		squares := f32(o.Squares)
		return ranges(o.N, 1, func(from, to int) {
			factor := shrinking(limit, squares[0])
			for i := from; i < to; i++ {
				grads[i] *= factor
			}
		})
	}
	return ranges(o.N, 2, func(from, to int) {
		for i, g := range grads[from:to] {
			grads[from+i] = min(max(g, -limit), limit)
		}
	})
}

// shrinking is the factor that brings the norm, of which it gets the square, down to the limit; NaN if that is.
func shrinking(limit, square float32) float32 {
	return float32(math.Min(1, float64(limit)/math.Sqrt(float64(square))))
}

// fastClip is clip with vector kernels.
func fastClip(o ops.Clip) *job {
	grads, set := f32(o.Grads), setOf(o.Grads)
	if !o.Norm {
		v := vectors{set, clampKernel, [6]float32{o.Limit}}
		return spans(o.N, 4, func(from, to int) { v.elements(from, to, grads) })
	}
	squares := f32(o.Squares)
	return spans(o.N, 4, func(from, to int) {
		v := vectors{set, scaleKernel, [6]float32{shrinking(o.Limit, squares[0])}}
		v.elements(from, to, grads, grads)
	})
}
