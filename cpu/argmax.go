package cpu

import "github.com/gradus-ml/gradus/engine/ops"

func argMax(o ops.ArgMax) *job {
	x, labels := f32(o.X), u32(o.Labels)
	return ranges(o.Rows, 2*o.Cols, func(from, to int) {
		for r := from; r < to; r++ {
			labels[r] = uint32(largest(x[r*o.Cols:][:o.Cols]))
		}
	})
}

// largest returns the place of the first of the largest scores, or one behind the last where one is NaN.
func largest(x []float32) int {
	best := 0
	for c, v := range x {
		switch {
		case v != v:
			return len(x)
		case v > x[best]:
			best = c
		}
	}
	return best
}
