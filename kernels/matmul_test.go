package kernels

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"
	"time"

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
		{1, 1, 1, plainMatmul}, {1000, 1000, 12, plainMatmul}, {1, 1, 13, tiledMatmul}, {1, 1, 64, tinyMatmul},
		{31, 301, 784, tinyMatmul}, {32, 10, 101, tinyMatmul}, {256, 447, 63, tiledMatmul}, {511, 513, 512, slicedMatmul}, {4097, 4097, 4097, hugeMatmul},
		{32, 300, 784, tinyMatmul.vectors()}, {12, 12, 64, tinyMatmul.vectors()}, {12, 12, 60, tiledMatmul.vectors()}, {32, 32 * 64, 64, tinyMatmul.vectors()},
		{32, 32 * 65, 64, slicedMatmul.vectors()}, {512, 512, 512, slicedMatmul.vectors()}, {32, 32 * 512, 64, slicedMatmul.vectors()}, {32, 32 * 513, 64, tiledMatmul.vectors()},
		{784, 300, 32, tiledMatmul.vectors()}, {1024, 1024, 1024, tiledMatmul.vectors()}, {128, 128 * 99, 256, tiledMatmul.vectors()}, {256, 128 * 49, 256, tiledMatmul.vectors()},
		{128, 128 * 100, 256, hugeMatmul.vectors()}, {96, 128 * 100, 256, tiledMatmul.vectors()}, {4096, 4096, 4096, hugeMatmul.vectors()},
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

var matmulKernels = []matmulKernel{plainMatmul, tinyMatmul, slicedMatmul, tiledMatmul, hugeMatmul,
	tinyMatmul.vectors(), slicedMatmul.vectors(), tiledMatmul.vectors(), hugeMatmul.vectors(), directMatmul, squareDirect, largeDirect, oddMatmul}

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
		for _, size := range [][3]int{{4, 4, 4}, {12, 20, 36}, {32, 300, 784}, {kernel.rows, kernel.cols, 140}, {2*kernel.rows + 4, 2*kernel.cols + 4, 268}} {
			m, n, k := (size[0]+3)&^3, (size[1]+3)&^3, size[2]
			if kernel.shader == "matmul" || kernel.shader == "matmul_plain" || kernel == oddMatmul { // also for rows that are not whole vectors
				m, n, k = m-3, n+1, k-1
			}
			for _, o := range threeForms(m, n, k) {
				if kernel.shader == "matmul_vector" && !o.TransposeA { // rows of A, of any number
					o.M -= 3
				}
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

// BenchmarkMatmulKernels prints how fast every kernel is at products of many sizes, the one that is chosen first, then all, the fastest first.
//
//	go test -run '^$' -bench MatmulKernels -benchtime 1x ./kernels
func BenchmarkMatmulKernels(b *testing.B) {
	d := openTest(b)
	var list []ops.MatMul
	for _, n := range []int{256, 512, 1024, 2048, 4096, 255, 511, 1023} {
		list = append(list, threeForms(n, n, n)...)
	}
	for _, batch := range []int{1, 8, 32, 256, 2048} {
		for _, layer := range [][2]int{{784, 300}, {300, 100}, {100, 10}} {
			in, out := layer[0], layer[1]
			list = append(list, ops.MatMul{M: batch, N: out, K: in}, ops.MatMul{M: in, N: out, K: batch, TransposeA: true}, ops.MatMul{M: batch, N: in, K: out, TransposeB: true})
		}
	}
	for _, o := range list {
		if flops(o) < 1<<28 || !d.emulated {
			compareKernels(b, d, o)
		}
	}
}

func flops(o ops.MatMul) float64 { return 2 * float64(o.M) * float64(o.N) * float64(o.K) }

func compareKernels(b *testing.B, d *device, o ops.MatMul) {
	in := backendtest.NewInputs(b, d, 1)
	o.A, o.B, o.C = in.Normal(o.M*o.K, 0, 1), in.Normal(o.K*o.N, 0, 1), in.Result(o.M*o.N)
	chosen, most := chooseMatmul(o), 300.0
	if d.emulated {
		chosen, most = chooseEmulatedMatmul(o), 10
	}
	programs, took := map[matmulKernel]*program{}, map[matmulKernel]float64{}
	for _, kernel := range matmulKernels {
		if (kernel.shader == "matmul_vector" || kernel.shader == "matmul_direct") && (!wholeVectors(o) || o.M < 4) {
			continue
		}
		programs[kernel] = d.built(b, task{"matmul", launchMatmul(o, kernel), o.Operands()})
		took[kernel] = math.Inf(1)
		defer programs[kernel].Release()
	}
	times := int(max(2, min(most, most*1e8/flops(o))))
	for range 6 {
		for kernel, p := range programs {
			require.NoError(b, d.Sync())
			start := time.Now()
			require.NoError(b, p.Run(times))
			require.NoError(b, d.Sync())
			took[kernel] = min(took[kernel], float64(time.Since(start).Nanoseconds())/1e3/float64(times))
		}
	}
	fmt.Printf("%dx%dx%d %v %v %.0f GFLOP/s: %v %.1f us", o.M, o.N, o.K, o.TransposeA, o.TransposeB, flops(o)/took[chosen]/1e3, chosen, took[chosen])
	for _, kernel := range slices.SortedFunc(maps.Keys(took), func(x, y matmulKernel) int { return cmp.Compare(took[x], took[y]) }) {
		fmt.Printf(" | %v %.1f", kernel, took[kernel])
	}
	fmt.Println()
	for _, r := range []backend.Region{o.A, o.B, o.C} {
		r.Buffer.Release()
	}
}
