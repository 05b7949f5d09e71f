package cpu

import (
	"math"
	"slices"

	"github.com/gradus-ml/gradus/engine/ops"
)

func softmax(o ops.Softmax) *job {
	x, y, e := f32(o.X), f32(o.Y), exponentials(setOf(o.X))
	return ranges(o.Rows, curveCost*o.Cols, func(from, to int) {
		e.write(x[from*o.Cols:to*o.Cols], y[from*o.Cols:], o.Cols)
		for r := from; r < to; r++ {
			normaliseRow(y[r*o.Cols:][:o.Cols], 1)
		}
	})
}

// exponentials are e^(x − m), m being the largest of each row, so that none overflows, with the instructions of a set.
type exponentials instructions

func (e exponentials) write(x, y []float32, cols int) {
	for r := 0; r < len(x); r += cols {
		highest, out := slices.Max(x[r:][:cols]), y[r:][:cols]
		for c, v := range x[r:][:cols] {
			out[c] = v - highest
		}
	}
	if set := instructions(e); set.vectorised() {
		v := vectors{set: set, kernel: expKernel}
		v.elements(0, len(x), y, y)
		return
	}
	for i, v := range y[:len(x)] {
		y[i] = float32(math.Exp(float64(v)))
	}
}

// normaliseRow scales the row so that its sum is the given one.
func normaliseRow(row []float32, to float64) {
	factor := to / rowSum(row)
	for c, v := range row {
		row[c] = float32(float64(v) * factor)
	}
}

func rowSum(row []float32) float64 {
	sum := 0.0
	for _, v := range row {
		sum += float64(v)
	}
	return sum
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
