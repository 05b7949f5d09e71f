package cpu

import "github.com/gradus-ml/gradus/engine/ops"

// matMul computes products with the kernels of the instruction set that the device found, or with gonum's.
func matMul(o ops.MatMul) *job {
	if set := o.C.Buffer.(*buffer).owner.set; set != generic {
		return fastMatMul(set, o)
	}
	return gonumMatMul(o)
}

// A matrix is one factor of a product: element [i, k] is at i·row + k·step.
type matrix struct {
	data      []float32
	row, step int
}

// fastMatMul computes C = A′·B′ from an A′ of any strides and a B′ in which k is the slow axis. For A·Bᵀ, where it is the fast
// one, it computes Cᵀ = B·Aᵀ from a copy of A, and turns the result around: both are small where a batch is.
func fastMatMul(set instructions, o ops.MatMul) *job {
	a, b, c := f32(o.A), f32(o.B), f32(o.C)
	switch {
	case o.TransposeA:
		return multiply(set, matrix{a, 1, o.M}, b, c, size{o.M, o.N, o.K})
	case !o.TransposeB:
		return multiply(set, matrix{a, o.K, 1}, b, c, size{o.M, o.N, o.K})
	}
	turned, result := make([]float32, o.K*o.M), make([]float32, o.N*o.M)
	first := transpose(turned, a, o.M, o.K)
	product := multiply(set, matrix{b, o.K, 1}, turned, result, size{o.N, o.M, o.K})
	product.before = first
	last := transpose(c, result, o.N, o.M)
	last.before = product
	return last
}

// transpose is a job that writes dst[j·rows + i] = src[i·cols + j].
func transpose(dst, src []float32, rows, cols int) *job {
	return ranges(cols, 2*rows, func(from, to int) {
		for j := from; j < to; j++ {
			column := dst[j*rows:][:rows]
			for i := range column {
				column[i] = src[i*cols+j]
			}
		}
	})
}

// size is that of a product: C [m×n] with k products to an element.
type size struct{ m, n, k int }

// multiply is a job that computes C [m×n] tile by tile. The sum over k is never split.
func multiply(set instructions, a matrix, b, c []float32, s size) *job {
	w := kernelSizes[set]
	down := (s.m + w.rows - 1) / w.rows
	across := (s.n + w.cols - 1) / w.cols
	work := 2 * s.k * min(s.m, w.rows) * min(s.n, w.cols) / fastFlops
	return ranges(down*across, max(1, work), func(from, to int) {
		for i := from; i < to; i++ {
			// rows are split evenly: 32 = 11 + 11 + 10
			first, next := i%down*s.m/down, (i%down+1)*s.m/down
			multiplyTile(set, a, b, c, s, block{first, next - first, i / down * w.cols, min(w.cols, s.n-i/down*w.cols)})
		}
	})
}

// fastFlops is how many flops of a kernel take as long as one elementary operation elsewhere.
const fastFlops = 64

// block is the part of C that a tile computes: its first row and column, and how many of each.
type block struct{ row, rows, col, cols int }
