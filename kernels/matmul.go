package kernels

import (
	"github.com/gradus-ml/gradus/engine/ops"
	"github.com/gradus-ml/gradus/shaders"
)

func matMul(o ops.MatMul) launch {
	kernel := chooseMatmul(o.M, o.N, o.K, o.TransposeA, o.TransposeB)
	l := launch{shader: kernel.shader, params: []uint32{uint32(o.M), uint32(o.N), uint32(o.K)}}
	if kernel.tile == 1 {
		l.groups, l.row = ceil(o.M*o.N, groupThreads), row{3, groupThreads}
		l.params = append(l.params, 0)
	} else {
		tiles := ceil(o.N, kernel.tile)
		l.groups, l.row = ceil(o.M, kernel.tile)*tiles, row{4, 1}
		l.params = append(l.params, uint32(tiles), 0)
	}
	return l.with(kernel.constants...)
}

// A matmulKernel is a shader that computes the product tile by tile.
type matmulKernel struct {
	shader    string
	tile      int // rows and columns of C that a workgroup computes; 1 if every thread computes an element
	constants []shaders.Constant
}

const (
	// enoughGroups is how many workgroups keep a GPU busy.
	enoughGroups = 32
	// thin is how few rows, columns or products make tiles a waste.
	thin = 8
)

// chooseMatmul picks the kernel for C [m×n] with k products to an element. Larger tiles load less, but
// there are fewer of them to keep the device busy.
func chooseMatmul(m, n, k int, transposeA, transposeB bool) matmulKernel {
	forms := []shaders.Constant{shaders.Bool("TRANSPOSE_A", transposeA), shaders.Bool("TRANSPOSE_B", transposeB)}
	switch {
	case m <= thin || n <= thin || k <= thin:
		return matmulKernel{"matmul_plain", 1, forms}
	case ceil(m, 64)*ceil(n, 64) < enoughGroups:
		return matmulKernel{"matmul", 32, forms}
	}
	return matmulKernel{"matmul_large", 64, forms}
}
