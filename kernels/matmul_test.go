package kernels

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/gradus-ml/gradus/engine/ops"
)

func TestChooseMatmul(t *testing.T) {
	for _, row := range []struct {
		m, n, k int
		want    matmulKernel
	}{
		{1, 1, 1, plainMatmul}, {8, 1000, 1000, plainMatmul}, {1000, 8, 1000, plainMatmul}, {1000, 1000, 8, plainMatmul},
		{9, 9, 9, tiledMatmul}, {31, 301, 784, tiledMatmul}, {32, 10, 100, tiledMatmul}, {256, 447, 63, tiledMatmul},
		{256, 449, 64, largeMatmul}, {785, 301, 33, largeMatmul}, {4097, 4097, 4097, largeMatmul},
		{32, 300, 784, slicedMatmul}, {12, 12, 128, slicedMatmul}, {128, 252, 2048, smallVectors}, {12, 12, 124, smallVectors}, {256, 448, 64, smallVectors},
		{256, 452, 64, largeVectors}, {784, 300, 32, largeVectors}, {4096, 4096, 4096, largeVectors},
	} {
		for _, o := range threeForms(row.m, row.n, row.k) {
			assert.Equal(t, row.want, chooseMatmul(o), "%v", row)
		}
	}
}

// Emulated, a product whose rows are whole vectors is computed in vectors. Which rows those are depends on the form.
func TestChooseEmulatedMatmul(t *testing.T) {
	for _, row := range []struct {
		m, n, k int
		want    [3]matmulKernel // A·B, Aᵀ·B, A·Bᵀ
	}{
		{4, 4, 4, every(directMatmul)}, {32, 48, 300, every(directMatmul)}, {8, 300, 784, every(directMatmul)}, {32, 80, 300, every(squareDirect)},
		{32, 100, 300, every(squareDirect)}, {32, 300, 784, every(largeDirect)}, {784, 300, 32, every(largeDirect)}, {32, 784, 300, every(largeDirect)},
		{300, 100, 32, every(largeDirect)}, {128, 128, 128, every(squareDirect)}, {512, 512, 512, every(largeDirect)}, {16, 20, 4, every(directMatmul)},
		{33, 32, 36, [3]matmulKernel{directMatmul, oddMatmul, directMatmul}}, {32, 33, 36, [3]matmulKernel{oddMatmul, oddMatmul, oddMatmul}},
		{32, 36, 33, [3]matmulKernel{oddMatmul, directMatmul, oddMatmul}}, {3, 4, 4, [3]matmulKernel{oddMatmul, oddMatmul, oddMatmul}},
	} {
		for i, o := range threeForms(row.m, row.n, row.k) {
			assert.Equal(t, row.want[i], chooseEmulatedMatmul(o), "%v %d", row, i)
		}
	}
}

// every is one kernel for all three forms.
func every(kernel matmulKernel) [3]matmulKernel { return [3]matmulKernel{kernel, kernel, kernel} }

func threeForms(m, n, k int) []ops.MatMul {
	return []ops.MatMul{{M: m, N: n, K: k}, {M: m, N: n, K: k, TransposeA: true}, {M: m, N: n, K: k, TransposeB: true}}
}

// TestMatmulGrid holds that every tile of C has a workgroup or a thread, also where they need more than one row of the grid.
func TestMatmulGrid(t *testing.T) {
	for _, size := range [][3]int{{1, 1, 1}, {65, 63, 64}, {1 << 20, 1000, 9}, {1 << 24, 64, 16}} {
		o := ops.MatMul{M: size[0], N: size[1], K: size[2]}
		for _, kernel := range []matmulKernel{plainMatmul, tiledMatmul, largeMatmul, slicedMatmul, smallVectors, largeVectors, directMatmul, squareDirect, largeDirect, oddMatmul} {
			g, params := launchMatmul(o, kernel).folded(maxGroups)
			assert.GreaterOrEqual(t, int(g.x)*int(g.y)*kernel.threads*kernel.rows*kernel.cols, o.M*o.N, "%v %v", size, kernel)
			assert.LessOrEqual(t, max(g.x, g.y), uint32(maxGroups), "%v", size)
			assert.Equal(t, g.x*uint32(kernel.threads), params[4], "%v", size)
		}
	}
}
