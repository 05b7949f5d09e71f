package kernels

import (
	"fmt"

	"github.com/gradus-ml/gradus/engine/ops"
	"github.com/gradus-ml/gradus/shaders"
)

// tile is the side of the square of C that a workgroup of the tiled kernel computes.
const tile = 32

// thin is the number of rows or columns of C below which most of a tile would be computed in vain.
const thin = 8

// matMulKernel chooses the kernel for a product of m×k by k×n.
func matMulKernel(m, n int) string {
	down, across := (m+tile-1)/tile, (n+tile-1)/tile
	if min(m, n) < thin || max(down, across) > maxGroups {
		return "matmul_plain"
	}
	return "matmul"
}

func matMul(o ops.MatMul) launch {
	l := launch{shader: matMulKernel(o.M, o.N), params: []uint32{uint32(o.M), uint32(o.N), uint32(o.K)},
		constants: []shaders.Constant{
			{Name: "TRANSPOSE_A", Value: fmt.Sprint(o.TransposeA)}, {Name: "TRANSPOSE_B", Value: fmt.Sprint(o.TransposeB)}}}
	if l.shader == "matmul" {
		l.x, l.y = uint32((o.N+tile-1)/tile), uint32((o.M+tile-1)/tile)
		return l
	}
	l.fold((o.M*o.N + groupSize - 1) / groupSize)
	l.params = append(l.params, l.x*groupSize)
	return l
}
