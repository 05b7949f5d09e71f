package cpu

import "github.com/gradus-ml/gradus/engine/ops"

func average(o ops.Average) *job {
	x, y, step := f32(o.X), f32(o.Y), stepOf(o.Rates)
	return ranges(o.N, 2, func(from, to int) {
		part, alpha := y[from:to], step()[0]
		for i, v := range x[from:to] {
			part[i] += alpha * (v - part[i])
		}
	})
}
