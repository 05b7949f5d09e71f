package cpu

import "github.com/gradus-ml/gradus/engine/ops"

func prelu(o ops.PReLU) *job {
	x, alpha, y := f32(o.X), f32(o.Alpha), f32(o.Y)
	return ranges(o.Rows*o.Cols, 2*o.Inner, func(from, to int) {
		for block := from; block < to; block++ {
			out, slope := y[block*o.Inner:][:o.Inner], alpha[block%o.Cols]
			for i, v := range x[block*o.Inner:][:o.Inner] {
				if !(v > 0) {
					v *= slope
				}
				out[i] = v
			}
		}
	})
}

func preluGrad(o ops.PReLUGrad) *job {
	x, dy, alpha, dx := f32(o.X), f32(o.DY), f32(o.Alpha), f32(o.DX)
	return ranges(o.Rows*o.Cols, 2*o.Inner, func(from, to int) {
		for block := from; block < to; block++ {
			up, down := dy[block*o.Inner:][:o.Inner], dx[block*o.Inner:][:o.Inner]
			for i, v := range x[block*o.Inner:][:o.Inner] {
				switch {
				case v > 0:
					down[i] = up[i]
				case v == v:
					down[i] = up[i] * alpha[block%o.Cols]
				default:
					down[i] = v
				}
			}
		}
	})
}

// preluAlphaGrad adds up each column from the first row to the last.
func preluAlphaGrad(o ops.PReLUAlphaGrad) *job {
	x, dy, dalpha := f32(o.X), f32(o.DY), f32(o.DAlpha)
	sums := make([]float64, o.Cols)
	return ranges(o.Cols, 2*o.Rows*o.Inner, func(from, to int) {
		clear(sums[from:to])
		for r := range o.Rows {
			for c := from; c < to; c++ {
				at := (r*o.Cols + c) * o.Inner
				sums[c] += negativeDot(x[at:][:o.Inner], dy[at:][:o.Inner])
			}
		}
		for c := from; c < to; c++ {
			dalpha[c] = float32(sums[c])
		}
	})
}

// negativeDot is Σ_i x[i]·dy[i] where x is not positive.
func negativeDot(x, dy []float32) float64 {
	sum := 0.0
	for i, v := range x {
		if !(v > 0) {
			sum += float64(v) * float64(dy[i])
		}
	}
	return sum
}
