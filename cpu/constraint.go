package cpu

import (
	"math"

	"github.com/gradus-ml/gradus/engine/ops"
)

func constraint(o ops.Constraint) *job {
	w := f32(o.W)
	if o.Kind == ops.NonNeg {
		return ranges(len(w), 1, func(from, to int) {
			for i, v := range w[from:to] {
				w[from+i] = max(v, 0)
			}
		})
	}
	sums := make([]float64, o.Cols)
	return ranges(o.Cols, 3*o.Rows, func(from, to int) {
		sum := sums[from:to]
		clear(sum)
		for r := range o.Rows {
			for c, v := range w[r*o.Cols+from:][:len(sum)] {
				sum[c] += float64(v) * float64(v)
			}
		}
		for c, v := range sum {
			sum[c] = factor(o, math.Sqrt(v))
		}
		for r := range o.Rows {
			row := w[r*o.Cols+from:][:len(sum)]
			for c, v := range sum {
				row[c] *= float32(v)
			}
		}
	})
}

// factor is what the weights of a column of the norm are multiplied by.
func factor(o ops.Constraint, norm float64) float64 {
	if o.Kind == ops.UnitNorm {
		return 1 / (norm + 1e-7)
	}
	return math.Min(1, float64(o.Limit)/norm) // 1 where the norm is 0
}
