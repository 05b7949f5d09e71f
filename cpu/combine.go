package cpu

import "github.com/gradus-ml/gradus/engine/ops"

// combinations has a row for each combination of package ops but Sum, in its order.
var combinations = [...]func(a, b float32) float32{
	ops.Product: func(a, b float32) float32 { return a * b },
	ops.Maximum: func(a, b float32) float32 { return max(a, b) },
	ops.Minimum: func(a, b float32) float32 { return min(a, b) },
}

// combinationSlopes has the slopes in a and in b.
var combinationSlopes = [...]func(a, b float32) (da, db float32){
	ops.Product: func(a, b float32) (da, db float32) { return b, a },
	ops.Maximum: func(a, b float32) (da, db float32) { return either(a >= b) },
	ops.Minimum: func(a, b float32) (da, db float32) { return either(a <= b) },
}

func either(first bool) (da, db float32) {
	if first {
		return 1, 0
	}
	return 0, 1
}

func combine(o ops.Combine) *job {
	a, b, y, f := f32(o.A), f32(o.B), f32(o.Y), combinations[o.Combination]
	if o.Combination == ops.Sum {
		f = func(a, b float32) float32 { return float32(o.WeightA*a) + float32(o.WeightB*b) } // converted, so that arm64 fuses nothing
	}
	return ranges(o.N, 3, func(from, to int) {
		for i := from; i < to; i++ {
			y[i] = f(a[i], b[i])
		}
	})
}

func combineGrad(o ops.CombineGrad) *job {
	a, b, dy, dx, f := f32(o.A), f32(o.B), f32(o.DY), f32(o.DX), combinationSlopes[o.Combination]
	if o.Combination == ops.Sum {
		f = func(_, _ float32) (da, db float32) { return o.Weight, o.Weight }
	}
	return ranges(o.N, 4, func(from, to int) {
		for i := from; i < to; i++ {
			slope, second := f(a[i], b[i])
			if o.Second {
				slope = second
			}
			dx[i] = dy[i] * slope
		}
	})
}
