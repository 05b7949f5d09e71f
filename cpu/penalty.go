package cpu

import (
	"math"

	"github.com/gradus-ml/gradus/engine/ops"
)

// penalty adds up in one part: its order of additions must not depend on the number of threads.
func penalty(o ops.Penalty) *job {
	x, out, l1, l2 := f32(o.X), f32(o.Sum), float64(o.L1), float64(o.L2)
	return whole(func() {
		absolute, squares := 0.0, 0.0
		for _, v := range x {
			absolute += math.Abs(float64(v))
			squares += float64(v) * float64(v)
		}
		out[0] = float32(l1*absolute + l2*squares)
	})
}

func penaltyGrad(o ops.PenaltyGrad) *job {
	x, dsum, dx := f32(o.X), f32(o.DSum), f32(o.DX)
	return ranges(o.N, 2, func(from, to int) {
		for i := from; i < to; i++ {
			dx[i] = dsum[0] * (o.L1*sign(x[i]) + 2*o.L2*x[i])
		}
	})
}

// sign is −1, 0 or 1.
func sign(v float32) float32 {
	switch {
	case v > 0:
		return 1
	case v < 0:
		return -1
	}
	return 0
}
