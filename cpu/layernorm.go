package cpu

import (
	"math"

	"github.com/gradus-ml/gradus/engine/ops"
)

func layerNorm(o ops.LayerNorm) *job {
	x, y, gamma, mean, invStd := f32(o.X), f32(o.Y), f32(o.Gamma), f32(o.Mean), f32(o.InvStd)
	return ranges(o.Rows, 6*o.Cols, func(from, to int) {
		for r := from; r < to; r++ {
			row := x[r*o.Cols:][:o.Cols]
			mean[r], invStd[r] = rowMoments(row, o.RMS, o.Epsilon)
			out := y[r*o.Cols:][:o.Cols]
			for c, v := range row {
				out[c] = (v - mean[r]) * invStd[r] * gamma[c]
			}
		}
	})
}

// rowMoments returns the mean, or 0, and 1/√(variance around it + epsilon).
func rowMoments(row []float32, rms bool, epsilon float32) (mean, invStd float32) {
	center, variance := 0.0, 0.0
	if !rms {
		for _, v := range row {
			center += float64(v)
		}
		center /= float64(len(row))
	}
	for _, v := range row {
		d := float64(v) - center
		variance += d * d
	}
	return float32(center), float32(1 / math.Sqrt(variance/float64(len(row))+float64(epsilon)))
}

func layerNormGrad(o ops.LayerNormGrad) *job {
	x, dy, dx, gamma, mean, invStd := f32(o.X), f32(o.DY), f32(o.DX), f32(o.Gamma), f32(o.Mean), f32(o.InvStd)
	return ranges(o.Rows, 6*o.Cols, func(from, to int) {
		for r := from; r < to; r++ {
			in, up, down := x[r*o.Cols:][:o.Cols], dy[r*o.Cols:][:o.Cols], dx[r*o.Cols:][:o.Cols]
			sum, product := 0.0, 0.0
			for c, v := range in {
				h := float64(up[c]) * float64(gamma[c])
				sum += h
				product += h * float64((v-mean[r])*invStd[r])
			}
			if o.RMS {
				sum = 0
			}
			sum, product = sum/float64(o.Cols), product/float64(o.Cols)
			for c, v := range in {
				normal := float64((v - mean[r]) * invStd[r])
				down[c] = invStd[r] * float32(float64(up[c])*float64(gamma[c])-sum-normal*product)
			}
		}
	})
}

func layerNormScaleGrad(o ops.LayerNormScaleGrad) *job {
	x, dy, mean, invStd, dgamma := f32(o.X), f32(o.DY), f32(o.Mean), f32(o.InvStd), f32(o.DGamma)
	sums := make([]float64, o.Cols)
	return ranges(o.Cols, 3*o.Rows, func(from, to int) {
		sum := sums[from:to]
		clear(sum)
		for r := range o.Rows {
			in, up := x[r*o.Cols+from:][:len(sum)], dy[r*o.Cols+from:][:len(sum)]
			for c, v := range in {
				sum[c] += float64(up[c]) * float64((v-mean[r])*invStd[r])
			}
		}
		for c, v := range sum {
			dgamma[from+c] = float32(v)
		}
	})
}
