package bench

import (
	"fmt"
	"testing"
	"time"

	"gonum.org/v1/gonum/blas"

	"github.com/gradus-ml/gradus/cpu"
)

// sgemmProducts are those of peers/openblas.py: squares, and the products of a step of the seed network.
func sgemmProducts() []product {
	var list []product
	for _, n := range []int{512, 1024, 2048} {
		list = append(list, forms(n, n, n)...)
	}
	for _, batch := range []int{32, 256} {
		list = append(list, networkProducts(batch)...)
	}
	return list
}

// BenchmarkSgemm prints what cpu.NewBLAS gives on as many threads as GOMAXPROCS says, the fastest of rounds that take some milliseconds each, for
// peers/compare.sh to lay beside OpenBLAS's.
func BenchmarkSgemm(b *testing.B) {
	own := cpu.NewBLAS(0)
	defer own.Close()
	for _, p := range sgemmProducts() {
		tA, lda, tB, ldb := blas.NoTrans, p.k, blas.NoTrans, p.n
		if p.transposeA {
			tA, lda = blas.Trans, p.m
		}
		if p.transposeB {
			tB, ldb = blas.Trans, p.k
		}
		a, bb, c := halves(p.m*p.k), halves(p.k*p.n), make([]float32, p.m*p.n)
		run := func() { own.Sgemm(tA, tB, p.m, p.n, p.k, 1, a, lda, bb, ldb, 0, c, p.n) }
		run()
		p.holds(b, a, bb, c)
		fmt.Printf("sgemm %s %s %.1f GFLOP/s\n", p.form, size(p.m, p.n, p.k), float64(2*p.m*p.n*p.k)/quickest(run).Seconds()/1e9)
	}
}

// halves are multiples of 1/8 from −½ to ½.
func halves(n int) []float32 {
	list := make([]float32, n)
	for i := range list {
		list[i] = float32(i*7%9-4) / 8
	}
	return list
}

// quickest returns how long a call takes, in the fastest of eight rounds of at least 10 ms.
func quickest(run func()) time.Duration {
	best := time.Hour
	for times, rounds := 1, 0; rounds < 8; {
		start := time.Now()
		for range times {
			run()
		}
		took := time.Since(start)
		if took < 10*time.Millisecond {
			times *= 2
			continue
		}
		best, rounds = min(best, took/time.Duration(times)), rounds+1
	}
	return best
}
