package kernels

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/backendtest"
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
		{32, 300, 784, tinySliced}, {12, 12, 256, tinySliced}, {12, 12, 252, smallSliced}, {128, 252, 2048, smallSliced}, {32, 2048, 2048, smallSliced},
		{12, 12, 124, smallVectors}, {256, 448, 64, smallVectors}, {512, 256, 256, largeSliced}, {512, 512, 512, largeSliced}, {1024, 1024, 1024, largeSliced},
		{256, 452, 64, largeVectors}, {784, 300, 32, largeVectors}, {64, 64 * 512, 256, largeVectors}, {32, 64 * 512, 256, smallVectors}, {128, 128 * 127, 256, largeSliced},
		{128, 128 * 128, 256, hugeVectors}, {4096, 4096, 4096, hugeVectors},
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

var matmulKernels = []matmulKernel{plainMatmul, tiledMatmul, largeMatmul, tinySliced, smallSliced, largeSliced, smallVectors, largeVectors, hugeVectors,
	directMatmul, squareDirect, largeDirect, oddMatmul}

// TestMatmulGrid holds that every tile of C has a workgroup or a thread, also where they need more than one row of the grid.
func TestMatmulGrid(t *testing.T) {
	for _, size := range [][3]int{{1, 1, 1}, {65, 63, 64}, {1 << 20, 1000, 9}, {1 << 24, 64, 16}} {
		o := ops.MatMul{M: size[0], N: size[1], K: size[2]}
		for _, kernel := range matmulKernels {
			g, params := launchMatmul(o, kernel).folded(maxGroups)
			assert.GreaterOrEqual(t, int(g.x)*int(g.y)*kernel.threads*kernel.rows*kernel.cols, o.M*o.N, "%v %v", size, kernel)
			assert.LessOrEqual(t, max(g.x, g.y), uint32(maxGroups), "%v", size)
			assert.Equal(t, g.x*uint32(kernel.threads), params[4], "%v", size)
		}
	}
}

// TestMatmulKernels runs every kernel, chosen or not, on the edges of its tiles and slices. An element of c may be off by (k + 1)·2⁻²⁴ of the sum of its products' sizes,
// with a product and an addition rounded for each.
func TestMatmulKernels(t *testing.T) {
	d := openTest(t)
	for _, kernel := range matmulKernels {
		for _, size := range [][3]int{{4, 4, 4}, {12, 20, 36}, {32, 300, 784}, {kernel.rows + 4, kernel.cols + 4, 140}, {2*kernel.rows + 8, 2*kernel.cols + 4, 268}} {
			for _, o := range threeForms((size[0]+3)&^3, (size[1]+3)&^3, size[2]) {
				runKernel(t, d, o, kernel)
			}
		}
	}
}

func runKernel(t *testing.T, d *device, o ops.MatMul, kernel matmulKernel) {
	in := backendtest.NewInputs(t, d, uint64(o.M*o.N*o.K))
	o.A, o.B, o.C = in.Normal(o.M*o.K, 0, 1), in.Normal(o.K*o.N, 0, 1), in.Result(o.M*o.N)
	p := d.built(t, task{"matmul", launchMatmul(o, kernel), o.Operands()})
	defer p.Release()
	require.NoError(t, p.Run(1))
	values := map[*backend.Region][]float32{&o.A: make([]float32, o.M*o.K), &o.B: make([]float32, o.K*o.N), &o.C: make([]float32, o.M*o.N)}
	for region, v := range values {
		require.NoError(t, backend.Download(d, v, *region))
		defer region.Buffer.Release()
	}
	a, b, c := values[&o.A], values[&o.B], values[&o.C]
	for at, got := range c {
		sum, size := 0.0, 0.0
		for k := range o.K {
			left, right := a[at/o.N*o.K+k], b[k*o.N+at%o.N]
			if o.TransposeA {
				left = a[k*o.M+at/o.N]
			}
			if o.TransposeB {
				right = b[at%o.N*o.K+k]
			}
			sum += float64(left) * float64(right)
			size += math.Abs(float64(left) * float64(right))
		}
		if !(math.Abs(float64(got)-sum) <= float64(o.K+1)*0x1p-24*size) {
			require.InDelta(t, sum, got, 0, "%v of %v, element %d", kernel, o, at)
		}
	}
}
