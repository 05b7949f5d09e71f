package cpu

import "github.com/gradus-ml/gradus/engine/ops"

func transposeBatch(o ops.Transpose) *job {
	x, y := f32(o.X), f32(o.Y)
	return ranges(o.Batch*o.Cols, o.Rows, func(from, to int) {
		for row := from; row < to; row++ { // of y
			matrix, c := row/o.Cols*o.Rows*o.Cols, row%o.Cols
			for r := range o.Rows {
				y[row*o.Rows+r] = x[matrix+r*o.Cols+c]
			}
		}
	})
}
