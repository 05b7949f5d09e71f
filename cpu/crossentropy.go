package cpu

import (
	"math"
	"slices"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/match"
	"github.com/gradus-ml/gradus/engine/ops"
)

func crossEntropy(o ops.CrossEntropy) *job { return crossEntropyIn(o, make([]float32, o.Rows*o.Cols)) }

// crossEntropyIn leaves the exponentials of the scores behind.
func crossEntropyIn(o ops.CrossEntropy, powers []float32) *job {
	x, labels, losses, e := f32(o.X), u32(o.Labels), f32(o.Losses), exponentials(setOf(o.X))
	return ranges(o.Rows, curveCost*o.Cols, func(from, to int) {
		e.write(x[from*o.Cols:to*o.Cols], powers[from*o.Cols:], o.Cols)
		for r := from; r < to; r++ {
			losses[r] = rowLoss(x[r*o.Cols:][:o.Cols], powers[r*o.Cols:][:o.Cols], int(labels[r]))
		}
	})
}

// rowLoss returns ln Σ eˣ − x[label].
func rowLoss(x, powers []float32, label int) float32 {
	if label >= len(x) {
		return float32(math.NaN())
	}
	return float32(math.Log(rowSum(powers)) + float64(slices.Max(x)) - float64(x[label]))
}

func crossEntropyGrad(o ops.CrossEntropyGrad) *job {
	x, dx, e := f32(o.X), f32(o.DX), exponentials(setOf(o.X))
	return crossEntropyGradOf(o, func(from, to int) { e.write(x[from:to], dx[from:], o.Cols) })
}

// crossEntropyGradOf is crossEntropyGrad with exponentials from elsewhere: powers writes those of elements from ≤ i < to to dx.
func crossEntropyGradOf(o ops.CrossEntropyGrad, powers func(from, to int)) *job {
	labels, dlosses, dx := u32(o.Labels), f32(o.DLosses), f32(o.DX)
	return ranges(o.Rows, curveCost*o.Cols, func(from, to int) {
		powers(from*o.Cols, to*o.Cols)
		for r := from; r < to; r++ {
			row, weight := dx[r*o.Cols:][:o.Cols], dlosses[r]
			normaliseRow(row, 1)
			if label := int(labels[r]); label < len(row) {
				row[label]--
			}
			for c := range row {
				row[c] *= weight
			}
		}
	})
}

// shareExponentials lets the gradient of the loss at the index take the exponentials that the loss has computed.
func shareExponentials(list []backend.Op, i int, fused map[int]*job) {
	grad, ok := match.At[ops.CrossEntropyGrad](list, i)
	if !ok {
		return
	}
	first, ok := match.LastBefore(list, i, func(o ops.CrossEntropy) bool { return o.X == grad.X && o.Rows == grad.Rows && o.Cols == grad.Cols })
	if !ok || !match.Untouched(list[first:i], grad.X) {
		return
	}
	powers, dx := make([]float32, grad.Rows*grad.Cols), f32(grad.DX)
	fused[first] = crossEntropyIn(list[first].(ops.CrossEntropy), powers)
	fused[i] = crossEntropyGradOf(grad, func(from, to int) { copy(dx[from:to], powers[from:to]) })
}
