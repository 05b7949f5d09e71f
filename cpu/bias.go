package cpu

import "github.com/gradus-ml/gradus/engine/ops"

func bias(o ops.Bias) *job {
	x, b, y := f32(o.X), f32(o.Bias), f32(o.Y)
	if v, ok := vector(o.X, addKernel, [6]float32{}); ok {
		return ranges(o.Rows, 1+o.Cols/16, func(from, to int) {
			for r := from; r < to; r++ {
				v.elements(0, o.Cols, x[r*o.Cols:], b, y[r*o.Cols:])
			}
		})
	}
	return ranges(o.Rows, o.Cols, func(from, to int) {
		for r := from; r < to; r++ {
			in, out := x[r*o.Cols:][:o.Cols], y[r*o.Cols:][:o.Cols]
			for c, v := range b[:o.Cols] {
				out[c] = in[c] + v
			}
		}
	})
}

// biasGrad adds up columns row by row, each column from the first row to the last.
func biasGrad(o ops.BiasGrad) *job {
	dy, db := f32(o.DY), f32(o.DBias)
	if set := setOf(o.DY); set != generic {
		return columnSums(set, o.Rows, o.Cols, dy, db)
	}
	sums := make([]float64, o.Cols)
	return ranges(o.Cols, o.Rows, func(from, to int) {
		sum := sums[from:to]
		clear(sum)
		for r := range o.Rows {
			for c, v := range dy[r*o.Cols+from : r*o.Cols+to] {
				sum[c] += float64(v)
			}
		}
		for c, v := range sum {
			db[from+c] = float32(v)
		}
	})
}

// columnSums adds up columns by a kernel.
func columnSums(set instructions, rows, cols int, x, sums []float32) *job {
	v := vectors{set: set, kernel: columnSumsKernel}
	return spans(cols, rows, func(from, to int) { v.columns(rows, cols, from, to, x, sums) })
}
