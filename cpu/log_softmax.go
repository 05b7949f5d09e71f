package cpu

import (
	"math"
	"slices"

	"github.com/gradus-ml/gradus/engine/ops"
)

func logSoftmax(o ops.LogSoftmax) *job {
	x, y := f32(o.X), f32(o.Y)
	return ranges(o.Rows, curveCost*o.Cols, func(from, to int) {
		for r := from; r < to; r++ {
			logSoftmaxRow(x[r*o.Cols:][:o.Cols], y[r*o.Cols:][:o.Cols])
		}
	})
}

// logSoftmaxRow writes the logarithms of the probabilities of the scores x to y.
func logSoftmaxRow(x, y []float32) {
	highest, sum := float64(slices.Max(x)), 0.0
	for _, v := range x {
		sum += math.Exp(float64(v) - highest)
	}
	logSum := math.Log(sum)
	for c, v := range x {
		y[c] = float32(float64(v) - highest - logSum)
	}
}

func logSoftmaxGrad(o ops.LogSoftmaxGrad) *job {
	y, dy, dx := f32(o.Y), f32(o.DY), f32(o.DX)
	return ranges(o.Rows, curveCost*o.Cols, func(from, to int) {
		for r := from; r < to; r++ {
			up, down, sum := dy[r*o.Cols:][:o.Cols], dx[r*o.Cols:][:o.Cols], 0.0
			for _, v := range up {
				sum += float64(v)
			}
			for c, v := range y[r*o.Cols:][:o.Cols] {
				down[c] = float32(float64(up[c]) - math.Exp(float64(v))*sum)
			}
		}
	})
}
