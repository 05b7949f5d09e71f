package cpu

import (
	"math"

	"github.com/gradus-ml/gradus/engine/ops"
)

func clip(o ops.Clip) *job {
	grads, limit := f32(o.Grads), o.Limit
	if o.Norm {
		squares := f32(o.Squares)
		return ranges(o.N, 1, func(from, to int) {
			factor := float32(math.Min(1, float64(limit)/math.Sqrt(float64(squares[0])))) // NaN if squares is
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
