package kernels

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/gradus-ml/gradus/engine/ops"
	"github.com/gradus-ml/gradus/shaders"
)

func TestChooseMatmul(t *testing.T) {
	for _, row := range []struct {
		m, n, k int
		shader  string
		tile    int
	}{
		{1, 1, 1, "matmul_plain", 1}, {8, 1000, 1000, "matmul_plain", 1}, {1000, 8, 1000, "matmul_plain", 1}, {1000, 1000, 8, "matmul_plain", 1},
		{9, 9, 9, "matmul", 32}, {32, 300, 784, "matmul", 32}, {32, 10, 100, "matmul", 32}, {256, 448, 64, "matmul", 32},
		{256, 449, 64, "matmul_large", 64}, {784, 300, 32, "matmul_large", 64}, {4096, 4096, 4096, "matmul_large", 64},
	} {
		for _, form := range [][2]bool{{false, false}, {true, false}, {false, true}} {
			got := chooseMatmul(row.m, row.n, row.k, form[0], form[1])
			assert.Equal(t, row.shader, got.shader, "%v", row)
			assert.Equal(t, row.tile, got.tile, "%v", row)
			assert.Equal(t, []shaders.Constant{shaders.Bool("TRANSPOSE_A", form[0]), shaders.Bool("TRANSPOSE_B", form[1])}, got.constants)
		}
	}
}

// TestMatmulGrid holds that every tile of C has a workgroup, also where they need more than one row of the grid.
func TestMatmulGrid(t *testing.T) {
	for _, size := range [][3]int{{1, 1, 1}, {65, 63, 64}, {1 << 20, 1000, 9}, {1 << 24, 64, 16}} {
		l := matMul(ops.MatMul{M: size[0], N: size[1], K: size[2]})
		kernel := chooseMatmul(size[0], size[1], size[2], false, false)
		want := ceil(size[0], kernel.tile) * ceil(size[1], kernel.tile)
		if kernel.tile == 1 {
			want = ceil(want, groupThreads)
		}
		g, _ := l.folded(maxGroups)
		assert.GreaterOrEqual(t, int(g.x)*int(g.y), want, "%v", size)
		assert.LessOrEqual(t, max(g.x, g.y), uint32(maxGroups), "%v", size)
	}
}
