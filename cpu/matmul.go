package cpu

import "github.com/gradus-ml/gradus/engine/ops"

// matMul computes products with the kernels of the instruction set that the device found, with gonum's, or with those that it was given.
func matMul(o ops.MatMul) *job {
	switch dev := o.C.Buffer.(*buffer).owner; {
	case dev.theirs != nil:
		return foreignMatMul(dev.theirs, o)
	case dev.set == generic:
		return gonumMatMul(o)
	}
	return fastMatMul(o)
}

// A matrix is one factor of a product: element [i, j] is at i·row + j·step.
type matrix struct {
	data      []float32
	row, step int
}

// fastMatMul computes products with kernels.
func fastMatMul(o ops.MatMul) *job {
	return factorsOf(o).multiply(f32(o.C), nil, dense(o.M, o.N, o.K))
}

// factorsOf returns the factors of an operation.
func factorsOf(o ops.MatMul) factors {
	dev := o.C.Buffer.(*buffer).owner
	a, b := matrix{f32(o.A), o.K, 1}, matrix{f32(o.B), o.N, 1}
	if o.TransposeA {
		a = matrix{f32(o.A), 1, o.M}
	}
	if o.TransposeB {
		b = matrix{f32(o.B), 1, o.K}
	}
	return factors{dev.set, a, b, dev.pool.helpers + 1, &dev.packed}
}

// factors are those of a product A·B, of any strides, with the instructions that multiply them, how many threads may do it at once, and shared memory to pack them, or nil.
type factors struct {
	set     instructions
	a, b    matrix
	threads int
	packed  *packing
}

// multiply is a job that computes C, with a bias of each column unless it is nil.
func (f factors) multiply(c, bias []float32, s size) *job {
	return (&matrixProduct{factors: f, size: s, c: c, bias: bias}).job()
}

// A matrixProduct is one to compute, any number of times: between two, its factors and result may change place, but not size.
type matrixProduct struct {
	factors
	size
	c, bias []float32
	held    int // how many numbers of memory it has of its own
}

// memory is n numbers that the product keeps.
func (p *matrixProduct) memory(n int) []float32 {
	p.held += n
	return make([]float32, n)
}

// job computes the product. Large ones are made of packed blocks. Of others, the kernels want a B in which k is the slow axis: where it is the fast one, either
// B is turned around, or Cᵀ = Bᵀ·Aᵀ is computed from a turned A and turned around itself, which is less where a batch is small.
func (p *matrixProduct) job() *job {
	switch {
	case p.large(largeFlops):
		return p.blocks()
	case p.narrow():
		return p.exchanged()
	case p.a.row == 1 && p.large(largeTurnedFlops):
		return p.blocks()
	case p.b.step == 1:
		p.ldb = p.b.row
		return multiply(p.set, &p.a, &p.b.data, &p.c, p.bias, p.size)
	case p.bias != nil || p.onto || p.a.step != 1 || p.n*p.k <= p.m*(p.n+p.k):
		return p.turnedPanels()
	}
	return p.exchanged()
}

// exchanged computes Cᵀ = Bᵀ·Aᵀ.
func (p *matrixProduct) exchanged() *job {
	s := dense(p.n, p.m, p.k)
	result, turned := p.memory(p.n*p.m), &p.a.data
	var first *job
	if s.ldb = p.a.step; p.a.row != 1 {
		memory := p.memory(p.k * p.m)
		turned, s.ldb = &memory, p.m
		first = transpose(turned, p.m, &p.a.data, p.m, p.k, p.a.row)
	}
	middle := ranges(s.tiles(p.set), s.tileCost(p.set), func(from, to int) {
		s.multiply(p.set, matrix{p.b.data, p.b.step, p.b.row}, *turned, result, nil, from, to)
	})
	return transpose(&p.c, p.ldc, &result, p.n, p.m, p.m).after(middle.after(first))
}

// narrow reports whether C has so few columns that it is worth exchanging the factors where Aᵀ lies as it is wanted: vectors of columns of Cᵀ are fuller
// than those of C, which saves more than it takes to turn the result around.
func (p *matrixProduct) narrow() bool {
	const lanes = 16
	saved := p.m*((p.n+lanes-1)/lanes) - p.n*((p.m+lanes-1)/lanes)
	return p.a.row == 1 && p.b.step == 1 && p.bias == nil && !p.onto && saved*p.k > 2*p.m*p.n+2000
}

// size is that of a product: C [m×n] with k products to an element; ldb and ldc are the distances of rows of B and C. The product is added
// onto what C holds, or takes its place.
type size struct {
	m, n, k, ldb, ldc int
	onto              bool
}

// dense is the size of a product whose rows follow each other.
func dense(m, n, k int) size { return size{m: m, n: n, k: k, ldb: n, ldc: n} }

// multiply is a job that computes C [m×n] tile by tile, with a bias for each column, unless it is nil, added to the sum. The sum over k is never split. A
// part has whole rows of C where there are tallParts tiles below each other for it, so that threads do not write to the same lines of the cache: rows of C
// seldom are whole lines, and where they are long and k is short, that takes as long as the product.
func multiply(set instructions, a *matrix, b, c *[]float32, bias []float32, s size) *job {
	j := ranges(s.tiles(set), s.tileCost(set), func(from, to int) { s.multiply(set, *a, *b, *c, bias, from, to) })
	if parts := j.parts; s.down(set) >= tallParts*parts {
		j.run = func(part int) { s.multiplyRows(set, *a, *b, *c, bias, part*s.m/parts, (part+1)*s.m/parts) }
	}
	return j
}

const tallParts = 4

// multiplyRows computes rows from ≤ i < to.
func (s size) multiplyRows(set instructions, a matrix, b, c, bias []float32, from, to int) {
	s.m = to - from
	s.multiply(set, matrix{a.data[from*a.row:], a.row, a.step}, b, c[from*s.ldc:], bias, 0, s.tiles(set))
}

// tileCost is what a tile costs, in elementary operations.
func (s size) tileCost(set instructions) int {
	w := kernelSizes[set]
	return max(1, 2*s.k*min(s.m, w.rows)*min(s.n, w.cols)/fastFlops)
}

// tiles is how many there are, columns of tiles one after the other.
func (s size) tiles(set instructions) int {
	return s.down(set) * ((s.n + kernelSizes[set].cols - 1) / kernelSizes[set].cols)
}

// down is how many tiles lie below each other.
func (s size) down(set instructions) int {
	return (s.m + kernelSizes[set].rows - 1) / kernelSizes[set].rows
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

// block returns tile i and those below it, up to tile end, that have as many rows. Rows are split evenly, the taller tiles first: 32 = 11 + 11 + 10.
func (s size) block(i, end, rows, cols int) block {
	down := (s.m + rows - 1) / rows
	first, col := i%down, i/down*cols
	height, taller := s.m/down, s.m%down
	at := block{first*height + min(first, taller), height, col, min(cols, s.n-col), min(down-first, end-i)}
	if first < taller {
		at.rows, at.count = height+1, min(taller-first, end-i)
	}
	return at
}

// fastFlops is how many flops of a kernel take as long as one elementary operation elsewhere.
const fastFlops = 64

// block is the part of C that tiles compute, one below the other: the first row and column, how many of each a tile has, how many tiles.
type block struct{ row, rows, col, cols, count int }
