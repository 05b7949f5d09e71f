package cpu

import (
	"math"
	"slices"

	"github.com/gradus-ml/gradus/engine/ops"
)

func crossEntropy(o ops.CrossEntropy) *job {
	x, labels, losses := f32(o.X), u32(o.Labels), f32(o.Losses)
	return ranges(o.Rows, curveCost*o.Cols, func(from, to int) {
		for r := from; r < to; r++ {
			losses[r] = rowLoss(x[r*o.Cols:][:o.Cols], int(labels[r]))
		}
	})
}

func rowLoss(x []float32, label int) float32 {
	if label >= len(x) {
		return float32(math.NaN())
	}
	highest, sum := slices.Max(x), 0.0
	for _, v := range x {
		sum += math.Exp(float64(v - highest))
	}
	return float32(math.Log(sum) + float64(highest) - float64(x[label]))
}

func crossEntropyGrad(o ops.CrossEntropyGrad) *job {
	x, labels, dlosses, dx := f32(o.X), u32(o.Labels), f32(o.DLosses), f32(o.DX)
	return ranges(o.Rows, curveCost*o.Cols, func(from, to int) {
		for r := from; r < to; r++ {
			row := dx[r*o.Cols:][:o.Cols]
			softmaxRow(x[r*o.Cols:][:o.Cols], row)
			if label := int(labels[r]); label < len(row) {
				row[label]--
			}
			for c := range row {
				row[c] *= dlosses[r]
			}
		}
	})
}
