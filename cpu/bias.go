package cpu

import (
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/match"
	"github.com/gradus-ml/gradus/engine/ops"
)

func bias(o ops.Bias) *job {
	if set := setOf(o.X); set.vectorised() && o.Cols < narrow {
		v := vectors{set: set, kernel: addRowKernel}
		return spans(o.Cols, o.Rows, func(from, to int) { v.columns(o.Rows, o.Cols, from, to, f32(o.X), f32(o.Y), f32(o.Bias)) })
	}
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

// narrow is below how many columns rows are too short to call a kernel for each.
const narrow = 64

// productAndBias lets the product at the index write what the bias behind it would, if nobody reads what is between them.
func productAndBias(list []backend.Op, i int, fused map[int]*job) {
	product, ok := match.At[ops.MatMul](list, i)
	add, follows := match.At[ops.Bias](list, i+1)
	if !ok || !follows || add.X != product.C || add.Cols != product.N || product.TransposeB || !match.Unread(list, product.C, i+1) {
		return
	}
	fused[i], fused[i+1] = factorsOf(product).multiply(f32(add.Y), f32(add.Bias), dense(product.M, product.N, product.K)), nil
}

// biasGrad adds up columns row by row, each column from the first row to the last.
func biasGrad(o ops.BiasGrad) *job {
	dy, db := f32(o.DY), f32(o.DBias)
	if set := setOf(o.DY); set.vectorised() {
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
