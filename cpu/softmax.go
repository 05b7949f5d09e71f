package cpu

import (
	"math"
	"slices"

	"github.com/gradus-ml/gradus/engine/ops"
)

func softmax(o ops.Softmax) *job {
	x, y := f32(o.X), f32(o.Y)
	return ranges(o.Rows, curveCost*o.Cols, func(from, to int) {
		for r := from; r < to; r++ {
			softmaxRow(x[r*o.Cols:][:o.Cols], y[r*o.Cols:][:o.Cols])
		}
	})
}

// softmaxRow writes the probabilities of the scores x to p.
func softmaxRow(x, p []float32) {
	highest, sum := slices.Max(x), 0.0
	for c, v := range x {
		e := math.Exp(float64(v - highest))
		p[c] = float32(e)
		sum += e
	}
	for c := range p {
		p[c] = float32(float64(p[c]) / sum)
	}
}

func softmaxGrad(o ops.SoftmaxGrad) *job {
	y, dy, dx := f32(o.Y), f32(o.DY), f32(o.DX)
	return ranges(o.Rows, 4*o.Cols, func(from, to int) {
		for r := from; r < to; r++ {
			p, up, down := y[r*o.Cols:][:o.Cols], dy[r*o.Cols:][:o.Cols], dx[r*o.Cols:][:o.Cols]
			dot := 0.0
			for c, v := range p {
				dot += float64(v) * float64(up[c])
			}
			for c, v := range p {
				down[c] = v * float32(float64(up[c])-dot)
			}
		}
	})
}
