package cpu

import "github.com/gradus-ml/gradus/engine/ops"

// penalty adds up blocks, whose sums are added up in order.
func penalty(o ops.Penalty) *job {
	x, out, set := f32(o.X), f32(o.Sum), setOf(o.X)
	sums := make([]float64, (o.N+sumBlock-1)/sumBlock)
	blocks := ranges(len(sums), sumBlock/4, func(from, to int) {
		for b := from; b < to; b++ {
			sums[b] = penaltyOf(set, x[b*sumBlock:min(o.N, (b+1)*sumBlock)], float64(o.L1), float64(o.L2))
		}
	})
	return whole(func() {
		total := 0.0
		for _, v := range sums {
			total += v
		}
		out[0] = float32(total)
	}).after(blocks)
}

// penaltyOf is l1·Σ|x| + l2·Σx². Without l1 the squares stand in for the sizes: 0 times either is 0, or NaN if one of them is infinite.
func penaltyOf(set instructions, x []float32, l1, l2 float64) float64 {
	squares := sumOf(set, squaresKernel, x)
	sizes := squares
	if l1 != 0 {
		sizes = sumOf(set, absolutesKernel, x)
	}
	return l1*sizes + l2*squares
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
