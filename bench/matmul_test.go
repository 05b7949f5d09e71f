package bench

import (
	"testing"

	"github.com/gradus-ml/gradus/cpu"
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

// products are squares in the three forms and the products of the seed network at batch 32.
var products = []product{
	{"AB", 256, 256, 256, false, false}, {"AtB", 256, 256, 256, true, false}, {"ABt", 256, 256, 256, false, true},
	{"AB", 512, 512, 512, false, false}, {"AtB", 512, 512, 512, true, false}, {"ABt", 512, 512, 512, false, true},
	{"AB", 1024, 1024, 1024, false, false},
	{"AB", 32, 300, 784, false, false}, {"AtB", 784, 300, 32, true, false}, {"ABt", 32, 784, 300, false, true},
	{"AB", 32, 100, 300, false, false}, {"AtB", 300, 100, 32, true, false}, {"ABt", 32, 300, 100, false, true},
	{"AB", 32, 10, 100, false, false}, {"AtB", 100, 10, 32, true, false}, {"ABt", 32, 100, 10, false, true},
}

func BenchmarkMatMul(b *testing.B) {
	for _, p := range products {
		b.Run(p.form+"/"+size(p.m, p.n, p.k), func(b *testing.B) {
			want := p.result(b)
			each(b, func(b *testing.B, dev backend.Backend) { p.time(b, dev, want) })
		})
	}
}

// on makes the product on a device.
func (p product) on(b *testing.B, dev backend.Backend) (ops.MatMul, backend.Program) {
	in := backendtest.NewInputs(b, dev, 1)
	op := ops.MatMul{A: in.Normal(p.m*p.k, 0, 1), B: in.Normal(p.k*p.n, 0, 1), C: in.Result(p.m * p.n),
		M: p.m, N: p.n, K: p.k, TransposeA: p.transposeA, TransposeB: p.transposeB}
	program, err := dev.Compile([]backend.Op{op})
	must(b, err)
	must(b, program.Run(1))
	return op, program
}

// result computes the product on one thread of the CPU.
func (p product) result(b *testing.B) []float32 {
	dev, err := cpu.OpenWith(cpu.Options{Threads: 1})
	must(b, err)
	defer dev.Close()
	op, _ := p.on(b, dev)
	values := make([]float32, p.m*p.n)
	must(b, backend.Download(dev, values, op.C))
	return values
}

func (p product) time(b *testing.B, dev backend.Backend, want []float32) {
	op, program := p.on(b, dev)
	got := make([]float32, len(want))
	must(b, backend.Download(dev, got, op.C))
	const epsilon = 0x1p-23 // partial sums of k products of normal numbers reach √k, and each is rounded: twice, once a device
	compare(b, "c", got, want, 2*epsilon*float64(p.k))
	must(b, program.Run(3))
	must(b, dev.Sync())
	b.ResetTimer()
	must(b, program.Run(b.N))
	must(b, dev.Sync())
	b.StopTimer()
	report(b, b.N, b.Elapsed(), op.Cost())
}
