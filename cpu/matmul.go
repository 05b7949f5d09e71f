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
// one, either B is turned around, or Cᵀ = B·Aᵀ is computed from a turned A and turned around itself: that is less where a batch is small.
func fastMatMul(set instructions, o ops.MatMul) *job {
	a, b, c := f32(o.A), f32(o.B), f32(o.C)
	switch {
	case o.TransposeA:
		return multiply(set, matrix{a, 1, o.M}, b, c, dense(o.M, o.N, o.K))
	case !o.TransposeB:
		return multiply(set, matrix{a, o.K, 1}, b, c, dense(o.M, o.N, o.K))
	case o.N*o.K <= o.M*(o.N+o.K):
		turned := make([]float32, o.N*o.K)
		return multiply(set, matrix{a, o.K, 1}, turned, c, dense(o.M, o.N, o.K)).after(transpose(turned, b, o.N, o.K, o.K))
	}
	turned, result := make([]float32, o.K*o.M), make([]float32, o.N*o.M)
	product := multiply(set, matrix{b, o.K, 1}, turned, result, dense(o.N, o.M, o.K)).after(transpose(turned, a, o.M, o.K, o.K))
	return transpose(c, result, o.N, o.M, o.M).after(product)
}

// size is that of a product: C [m×n] with k products to an element; ldb and ldc are the distances of rows of B and C.
type size struct{ m, n, k, ldb, ldc int }

// dense is the size of a product whose rows follow each other.
func dense(m, n, k int) size { return size{m, n, k, n, n} }

// multiply is a job that computes C [m×n] tile by tile. The sum over k is never split.
func multiply(set instructions, a matrix, b, c []float32, s size) *job {
	return multiplyAdding(set, a, b, c, nil, s)
}

// multiplyAdding is multiply with a bias for each column, unless it is nil, added to the sum.
func multiplyAdding(set instructions, a matrix, b, c, bias []float32, s size) *job {
	w := kernelSizes[set]
	work := 2 * s.k * min(s.m, w.rows) * min(s.n, w.cols) / fastFlops
	return ranges(s.tiles(set), max(1, work), func(from, to int) { s.multiply(set, a, b, c, bias, from, to) })
}

// tiles is how many there are, columns of tiles one after the other.
func (s size) tiles(set instructions) int {
	w := kernelSizes[set]
	return (s.m + w.rows - 1) / w.rows * ((s.n + w.cols - 1) / w.cols)
}

// multiply computes tiles from ≤ i < to.
func (s size) multiply(set instructions, a matrix, b, c, bias []float32, from, to int) {
	w := kernelSizes[set]
	for i := from; i < to; {
		at := s.block(i, to, w.rows, w.cols)
		multiplyTiles(set, a, b, c, bias, s, at)
		i += at.count
	}
}

// block returns tile i and those below it, up to tile end, that have as many rows. Rows are split evenly: 32 = 11 + 11 + 10.
func (s size) block(i, end, rows, cols int) block {
	down := (s.m + rows - 1) / rows
	first, col, count := i%down, i/down*cols, 1
	height := func(j int) int { return (j+1)*s.m/down - j*s.m/down }
	for first+count < down && i+count < end && height(first+count) == height(first) {
		count++
	}
	return block{first * s.m / down, height(first), col, min(cols, s.n-col), count}
}

// fastFlops is how many flops of a kernel take as long as one elementary operation elsewhere.
const fastFlops = 64

// block is the part of C that tiles compute, one below the other: the first row and column, how many of each a tile has, how many tiles.
type block struct{ row, rows, col, cols, count int }
