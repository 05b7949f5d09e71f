package cpu

import "github.com/gradus-ml/gradus/engine/ops"

func blend(o ops.Blend) *job {
	x, y, alpha, beta := f32(o.X), f32(o.Y), float32(o.Alpha), float32(o.Beta)
	return ranges(o.N, 2, func(from, to int) {
		part := y[from:to]
		for i, v := range x[from:to] {
			part[i] = float32(alpha*v) + float32(beta*part[i]) // converted, so that arm64 fuses nothing
		}
	})
}
