package bench

import (
	"math"
	"testing"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/ops"
)

// product is a matrix product of the benchmark: m×k by k×n.
type product struct {
	form                   string
	m, n, k                int
	transposeA, transposeB bool
}

// forms are the three ways in which a layer multiplies: forward, for the gradient of its weights and for that of its input.
func forms(m, n, k int) []product {
	return []product{{"AB", m, n, k, false, false}, {"AtB", m, n, k, true, false}, {"ABt", m, n, k, false, true}}
}

// networkProducts are those of a step of the seed network, the gradient of its input included.
func networkProducts(batch int) []product {
	var list []product
	for _, layer := range [][2]int{{784, 300}, {300, 100}, {100, 10}} {
		in, out := layer[0], layer[1]
		list = append(list, product{"AB", batch, out, in, false, false}, product{"AtB", in, out, batch, true, false}, product{"ABt", batch, in, out, false, true})
	}
	return list
}

// products are squares in the three forms, and the products of the seed network.
func products() []product {
	var list []product
	for _, n := range []int{256, 512, 1024, 2048, 4096} {
		list = append(list, forms(n, n, n)...)
	}
	return append(list, networkProducts(32)...)
}

func BenchmarkMatMul(b *testing.B) {
	for _, p := range products() {
		b.Run(p.form+"/"+size(p.m, p.n, p.k), func(b *testing.B) { each(b, p.time) })
	}
}

// on makes the product on a device and runs it once.
func (p product) on(b *testing.B, dev backend.Backend) (ops.MatMul, backend.Program) {
	in := backendtest.NewInputs(b, dev, 1)
	op := ops.MatMul{A: in.Normal(p.m*p.k, 0, 1), B: in.Normal(p.k*p.n, 0, 1), C: in.Result(p.m * p.n),
		M: p.m, N: p.n, K: p.k, TransposeA: p.transposeA, TransposeB: p.transposeB}
	program, err := dev.Compile([]backend.Op{op})
	must(b, err)
	must(b, program.Run(1))
	return op, program
}

// holds compares elements all over C with sums in float64. Each of k products and additions is rounded, by ε = 2⁻²⁴ of at most Σ|a·b|.
func (p product) holds(b *testing.B, a, bb, c []float32) {
	ai, ak, bk, bj := p.k, 1, p.n, 1
	if p.transposeA {
		ai, ak = 1, p.m
	}
	if p.transposeB {
		bk, bj = 1, p.k
	}
	for at := 0; at < len(c); at += max(1, len(c)/997) {
		i, j, sum, size := at/p.n, at%p.n, 0.0, 0.0
		for k := range p.k {
			v := float64(a[i*ai+k*ak]) * float64(bb[k*bk+j*bj])
			sum, size = sum+v, size+math.Abs(v)
		}
		if d, tolerance := math.Abs(float64(c[at])-sum), 0x1p-24*float64(p.k+1)*size; !(d <= tolerance) {
			b.Fatalf("c[%d,%d] = %v, want %v (off by %.2g, tolerance %.2g): not timed", i, j, c[at], sum, d, tolerance)
		}
	}
}

func (p product) time(b *testing.B, dev backend.Backend) {
	notTooMuch(b, dev, 2*float64(p.m)*float64(p.n)*float64(p.k))
	op, program := p.on(b, dev)
	defer program.Release()
	values := [3][]float32{}
	for i, r := range []backend.Region{op.A, op.B, op.C} {
		values[i] = make([]float32, r.Len)
		must(b, backend.Download(dev, values[i], r))
		defer r.Buffer.Release()
	}
	p.holds(b, values[0], values[1], values[2])
	must(b, program.Run(1))
	must(b, dev.Sync())
	b.ResetTimer()
	must(b, program.Run(b.N))
	must(b, dev.Sync())
	b.StopTimer()
	report(b, dev, b.N, b.Elapsed(), op.Cost())
}
