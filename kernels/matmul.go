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
	vector     vectorTile
}

// A vectorTile is how a workgroup of matmul_vector shares a tile: across² threads to each slice of k, which take so many steps of k at a time.
type vectorTile struct{ across, slices, depth int }

// constants returns those of the shader that say how large a tile is, if it has any.
func (m matmulKernel) constants() []shaders.Constant {
	switch m.shader {
	case "matmul_vector":
		v := m.vector
		return []shaders.Constant{shaders.Uint("ACROSS", v.across), shaders.Uint("PER", m.rows/(4*v.across)), shaders.Uint("SLICES", v.slices), shaders.Uint("DEPTH", v.depth)}
	case "matmul_direct", "matmul_direct_odd":
		return []shaders.Constant{shaders.Uint("HIGH", m.rows), shaders.Uint("BROAD", m.cols)}
	}
	return nil
}

var (
	plainMatmul  = matmulKernel{"matmul_plain", 1, 1, groupThreads, vectorTile{}}
	tiledMatmul  = matmulKernel{"matmul", 32, 32, 1, vectorTile{}}
	largeMatmul  = matmulKernel{"matmul_large", 64, 64, 1, vectorTile{}}
	tinySliced   = matmulKernel{"matmul_vector", 16, 16, 1, vectorTile{4, 16, 8}}
	smallSliced  = matmulKernel{"matmul_vector", 32, 32, 1, vectorTile{8, 4, 16}}
	largeSliced  = matmulKernel{"matmul_vector", 64, 64, 1, vectorTile{8, 4, 8}}
	smallVectors = matmulKernel{"matmul_vector", 32, 32, 1, vectorTile{8, 1, 16}}
	largeVectors = matmulKernel{"matmul_vector", 64, 64, 1, vectorTile{8, 1, 16}}
	hugeVectors  = matmulKernel{"matmul_vector", 128, 128, 1, vectorTile{16, 1, 16}}
	directMatmul = matmulKernel{"matmul_direct", 8, 16, 8, vectorTile{}}
	squareDirect = matmulKernel{"matmul_direct", 16, 16, 8, vectorTile{}}
	largeDirect  = matmulKernel{"matmul_direct", 16, 20, 8, vectorTile{}}
	oddMatmul    = matmulKernel{"matmul_direct_odd", 8, 8, 8, vectorTile{}}
)

const (
	// enoughGroups is how many workgroups keep a GPU busy, and manyGroups a large one.
	enoughGroups, manyGroups = 32, 128
	// enoughTiles is how many tiles of 64 are enough for one slice of 64 threads each.
	enoughTiles = 512
	// thin is how few rows, columns or products make tiles a waste.
	thin = 8
	// long is from how many products on four slices share them, and longer sixteen.
	long, longer = 128, 256
)

// chooseMatmul picks the kernel of a GPU for C [m×n] with k products to an element. Larger tiles load less, but there are fewer of them to
// keep the device busy; where they are few, the products of an element are shared by several slices of threads.
func chooseMatmul(o ops.MatMul) matmulKernel {
	switch {
	case o.M <= thin || o.N <= thin || o.K <= thin:
		return plainMatmul
	case o.M >= 4 && wholeVectors(o):
		return chooseVectors(o)
	case tiles(o, 64) >= enoughGroups:
		return largeMatmul
	}
	return tiledMatmul
}

// chooseVectors is chooseMatmul for matrices whose rows are whole vectors.
func chooseVectors(o ops.MatMul) matmulKernel {
	small, large := tiles(o, 32), tiles(o, 64)
	switch {
	case tiles(o, 128) >= manyGroups && fit(o, 128):
		return hugeVectors
	case large >= enoughGroups && fit(o, 64) && (large >= enoughTiles || o.K < long):
		return largeVectors
	case large >= enoughGroups && fit(o, 64):
		return largeSliced
	case small < enoughGroups && o.K >= longer:
		return tinySliced
	case small < manyGroups && o.K >= long:
		return smallSliced
	}
	return smallVectors
}

// fit reports whether tiles of so many rows and columns cover little more, at most an eighth, than those of half as many.
func fit(o ops.MatMul, side int) bool { return 8*4*tiles(o, side) <= 9*tiles(o, side/2) }

// tiles is how many tiles of so many rows and columns C has.
func tiles(o ops.MatMul, side int) int { return ceil(o.M, side) * ceil(o.N, side) }

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
