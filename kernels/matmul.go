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
	shared     shared
}

// shared is how a workgroup shares a tile: across² threads to each slice of k.
type shared struct{ across, slices int }

// constants returns those of the shader that say how large a tile is, if it has any.
func (m matmulKernel) constants() []shaders.Constant {
	switch m.shader {
	case "matmul", "matmul_vector":
		return []shaders.Constant{shaders.Uint("ACROSS", m.shared.across), shaders.Uint("PER", m.rows/(4*m.shared.across)), shaders.Uint("SLICES", m.shared.slices)}
	case "matmul_direct", "matmul_direct_odd":
		return []shaders.Constant{shaders.Uint("HIGH", m.rows), shaders.Uint("BROAD", m.cols)}
	}
	return nil
}

// vectors returns the kernel for matrices whose rows are whole vectors.
func (m matmulKernel) vectors() matmulKernel {
	m.shader = "matmul_vector"
	return m
}

var (
	plainMatmul  = matmulKernel{"matmul_plain", 1, 1, groupThreads, shared{}}
	tinyMatmul   = matmulKernel{"matmul", 16, 16, 1, shared{4, 16}}
	slicedMatmul = matmulKernel{"matmul", 32, 32, 1, shared{8, 4}}
	tiledMatmul  = matmulKernel{"matmul", 32, 32, 1, shared{8, 1}}
	hugeMatmul   = matmulKernel{"matmul", 128, 128, 1, shared{16, 1}}
	directMatmul = matmulKernel{"matmul_direct", 8, 16, 8, shared{}}
	squareDirect = matmulKernel{"matmul_direct", 16, 16, 8, shared{}}
	largeDirect  = matmulKernel{"matmul_direct", 16, 20, 8, shared{}}
	oddMatmul    = matmulKernel{"matmul_direct_odd", 8, 8, 8, shared{}}
)

const (
	// thin is how few products to an element make tiles a waste, and long from how many on they are worth sharing.
	thin, long = 12, 64
	// fewTiles and manyTiles of 32 rows and columns leave a GPU so idle that sixteen or four slices of threads share the products of an element, and
	// manyHuge tiles of 128 keep it busy.
	fewTiles, manyTiles, manyHuge = 64, 512, 100
)

// chooseMatmul picks the kernel of a GPU for C [m×n] with k products to an element. Larger tiles load less, but there are fewer of them to
// keep the device busy; where they are few, the products of an element are shared by several slices of threads.
func chooseMatmul(o ops.MatMul) matmulKernel {
	if o.K <= thin {
		return plainMatmul
	}
	if wholeVectors(o) {
		return chooseTile(o).vectors()
	}
	return chooseTile(o)
}

func chooseTile(o ops.MatMul) matmulKernel {
	switch small, huge := tiles(o, 32), tiles(o, 128); {
	case huge >= manyHuge && 8*16*huge <= 9*small: // at most an eighth of it outside
		return hugeMatmul
	case small <= fewTiles && o.K >= long:
		return tinyMatmul
	case small <= manyTiles && o.K >= long:
		return slicedMatmul
	}
	return tiledMatmul
}

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
