package cpu

import (
	"unsafe"

	"github.com/gradus-ml/gradus/engine/backend"
)

// strip is what a vector kernel works on: n elements of each operand, or n rows of one vector of columns. The assembly knows the
// offsets.
type strip struct {
	p       [10]unsafe.Pointer // operands
	n       int
	stride  int    // of rows, in bytes
	columns uint32 // a bit for each column of a vector that is cut off, AVX-512; AVX2 only asks whether it is, NEON whether it is one column
	_       uint32
	lanes   *[8]int32 // the same as a mask, AVX2
	s       [6]float32
	result  int // stride of the rows of a transposed result, in bytes
}

// allLanes is the mask of eight columns.
var allLanes = [8]int32{-1, -1, -1, -1, -1, -1, -1, -1}

// lanes has the mask for each number of columns below 8.
var lanes = [8][8]int32{{}, {-1}, {-1, -1}, {-1, -1, -1}, {-1, -1, -1, -1}, {-1, -1, -1, -1, -1}, {-1, -1, -1, -1, -1, -1}, {-1, -1, -1, -1, -1, -1, -1}}

// vectors runs vector kernels with the instructions of a set.
type vectors struct {
	set     instructions
	kernel  kernel
	numbers [6]float32
}

// vector returns a runner of the kernel on the device of a region, if the device has vector instructions and k is a kernel.
func vector(on backend.Region, k kernel, numbers [6]float32) (v *vectors, ok bool) {
	set := setOf(on)
	return &vectors{set, k, numbers}, set.vectorised() && k != noKernel
}

// setOf returns the instructions of the device that the region is on.
func setOf(r backend.Region) instructions { return r.Buffer.(*buffer).owner.set }

// spans is ranges for vector kernels, which take 16 elements, or columns, in about the time of one.
func spans(n, cost int, run func(from, to int)) *job {
	return ranges((n+15)/16, cost, func(from, to int) { run(16*from, min(n, 16*to)) })
}

// elements runs the kernel on elements from ≤ i < to of every operand.
func (v *vectors) elements(from, to int, operands ...[]float32) {
	s := strip{n: to - from, s: v.numbers}
	for i, o := range operands {
		s.p[i] = unsafe.Pointer(&o[from])
	}
	s.columns, s.lanes = 1<<(s.n%16)-1, &lanes[s.n%8]
	run(v.set, v.kernel, &s)
}

// bytes is elements for a kernel from bytes to floats; next are the bytes that it will be called with next. It returns how many it did:
// whole vectors only.
func (v *vectors) bytes(x, next []byte, y []float32) int {
	n := len(x) / 16 * 16
	if n == 0 {
		return 0
	}
	s := strip{n: n, s: v.numbers, lanes: &allLanes}
	s.p[0], s.p[1], s.p[2] = unsafe.Pointer(&x[0]), unsafe.Pointer(&y[0]), unsafe.Pointer(&next[0])
	run(v.set, v.kernel, &s)
	return n
}

// columns runs the kernel on columns from ≤ c < to of operands that are matrices of so many rows and columns, or have one value to a column.
func (v *vectors) columns(rows, cols, from, to int, operands ...[]float32) {
	s := strip{n: rows, stride: 4 * cols, s: v.numbers}
	for c, width := from, 0; c < to; c += width {
		width = v.set.width(to - c)
		s.columns, s.lanes = cut(width, v.set)
		for i, o := range operands {
			s.p[i] = unsafe.Pointer(&o[c])
		}
		run(v.set, v.kernel, &s)
	}
}

// cut returns the masks of so many columns.
func cut(n int, set instructions) (columns uint32, mask *[8]int32) {
	switch {
	case set == avx512:
		return 1<<n - 1, nil
	case n == vectorLanes[set]:
		return 0, &allLanes
	}
	return 1, &lanes[n]
}

// vectorLanes is how many columns a vector has.
var vectorLanes = [...]int{avx2: 8, avx512: 16, neon: 4}

// width is how many of n columns a kernel takes at once. NEON has no masks: what is no whole vector is done column by column.
func (s instructions) width(n int) int {
	if s == neon && n < vectorLanes[neon] {
		return 1
	}
	return min(n, vectorLanes[s])
}
