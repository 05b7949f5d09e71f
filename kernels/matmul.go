package kernels

import (
	"github.com/gradus-ml/gradus/engine/ops"
	"github.com/gradus-ml/gradus/shaders"
)

func matMul(o ops.MatMul) launch {
	l, emulated := launchMatmul(o, chooseMatmul(o)), launchMatmul(o, chooseEmulatedMatmul(o))
	l.emulated = &emulated
	return l
}

func launchMatmul(o ops.MatMul, kernel matmulKernel) launch {
	l := launch{shader: kernel.shader, params: []uint32{uint32(o.M), uint32(o.N), uint32(o.K)}}
	l.groups, l.row = kernel.workgroups(o), row{4, uint32(kernel.threads)}
	l.params = append(l.params, uint32(ceil(o.N, kernel.cols)), 0)
	return l.with(shaders.Bool("TRANSPOSE_A", o.TransposeA), shaders.Bool("TRANSPOSE_B", o.TransposeB)).with(kernel.constants()...)
}

// A matmulKernel is a shader that computes a product in tiles of C.
type matmulKernel struct {
	shader     string
	rows, cols int // of a tile
	threads    int // of a workgroup with a tile each, or 1 if the workgroup has a tile
	slices     int // of k, each with threads of its own; 0 where the shader has none
}

// constants returns those of the shader that say how large a tile is, if it has any.
func (m matmulKernel) constants() []shaders.Constant {
	switch m.shader {
	case "matmul_vector":
		return []shaders.Constant{shaders.Uint("PER", m.rows/32), shaders.Uint("SLICES", m.slices)}
	case "matmul_direct", "matmul_direct_odd":
		return []shaders.Constant{shaders.Uint("HIGH", m.rows), shaders.Uint("BROAD", m.cols)}
	}
	return nil
}

var (
	plainMatmul  = matmulKernel{"matmul_plain", 1, 1, groupThreads, 0}
	tiledMatmul  = matmulKernel{"matmul", 32, 32, 1, 0}
	largeMatmul  = matmulKernel{"matmul_large", 64, 64, 1, 0}
	slicedMatmul = matmulKernel{"matmul_vector", 32, 32, 1, 4}
	smallVectors = matmulKernel{"matmul_vector", 32, 32, 1, 1}
	largeVectors = matmulKernel{"matmul_vector", 64, 64, 1, 1}
	directMatmul = matmulKernel{"matmul_direct", 8, 16, 8, 0}
	squareDirect = matmulKernel{"matmul_direct", 16, 16, 8, 0}
	largeDirect  = matmulKernel{"matmul_direct", 16, 20, 8, 0}
	oddMatmul    = matmulKernel{"matmul_direct_odd", 8, 8, 8, 0}
)

const (
	// enoughGroups is how many workgroups keep a GPU busy.
	enoughGroups = 32
	// thin is how few rows, columns or products make tiles a waste.
	thin = 8
	// long is from how many products on the threads of a few tiles share them.
	long = 128
)

// chooseMatmul picks the kernel of a GPU for C [m×n] with k products to an element. Larger tiles load less, but there are fewer of them to
// keep the device busy; where even small ones are few, the products of an element are shared by several threads.
func chooseMatmul(o ops.MatMul) matmulKernel {
	vectors := o.M >= 4 && wholeVectors(o)
	small, large := ceil(o.M, 32)*ceil(o.N, 32), ceil(o.M, 64)*ceil(o.N, 64)
	switch {
	case o.M <= thin || o.N <= thin || o.K <= thin:
		return plainMatmul
	case large >= enoughGroups && vectors:
		return largeVectors
	case large >= enoughGroups:
		return largeMatmul
	case small < enoughGroups && o.K >= long && vectors:
		return slicedMatmul
	case vectors:
		return smallVectors
	}
	return tiledMatmul
}

// chooseEmulatedMatmul picks the kernel where the CPU does a GPU's work: there are no idle threads to occupy, a barrier costs as
// much as hundreds of products, and workgroup memory is no nearer than any other. Of the tiles that make more than one workgroup, which
// is one thread of the CPU, those with the least work are taken, the larger ones if that is equal.
func chooseEmulatedMatmul(o ops.MatMul) matmulKernel {
	if o.M < 4 || !wholeVectors(o) {
		return oddMatmul
	}
	best := directMatmul
	for _, kernel := range []matmulKernel{squareDirect, largeDirect} {
		if kernel.workgroups(o) > 1 && kernel.work(o) <= best.work(o) {
			best = kernel
		}
	}
	return best
}

// load is how many multiplications and additions of vectors take as long as it takes an emulated GPU to load one.
const load = 20

// work is what a direct kernel costs, for each four steps of k, counted in multiplications and additions of vectors: workgroups·(load·(rows + cols) + rows·cols).
// A workgroup costs the same if only some of its threads have a tile.
func (m matmulKernel) work(o ops.MatMul) int {
	return m.workgroups(o) * (load*(m.rows+m.cols) + m.rows*m.cols)
}

// workgroups is how many a product takes.
func (m matmulKernel) workgroups(o ops.MatMul) int {
	return ceil(ceil(o.M, m.rows)*ceil(o.N, m.cols), m.threads)
}

// wholeVectors tells whether the rows of all three matrices are vectors of four.
func wholeVectors(o ops.MatMul) bool {
	lengths := o.K | o.N
	if o.TransposeA {
		lengths = o.M | o.N
	}
	return lengths%4 == 0
}
