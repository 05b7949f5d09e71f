package cpu

import (
	"runtime"
	"sync"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
)

// BLAS is gonum's implementation with the products of this package, for programs that use gonum beside Gradus:
//
//	blas32.Use(cpu.BLAS{})
//
// Gradus itself never calls Use, which is for the whole process. Where the machine has no vector kernels it is gonum's own.
type BLAS struct{ gonum.Implementation }

var _ blas.Float32 = BLAS{}

// Sgemm computes C = alpha·A′·B′ + beta·C, each factor transposed or not. It panics as gonum's does. Results are the same bits for any number of
// threads.
func (g BLAS) Sgemm(tA, tB blas.Transpose, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int) {
	set := available()
	if set == generic || m <= 0 || n <= 0 || k <= 0 || alpha == 0 {
		g.Implementation.Sgemm(tA, tB, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)
		return
	}
	g.Implementation.Sgemm(tA, tB, m, n, k, 0, a, lda, b, ldb, 1, c, ldc) // checks, and does nothing
	f := factors{set, matrix{a, lda, 1}, matrix{b, ldb, 1}, runtime.GOMAXPROCS(0)}
	if tA != blas.NoTrans {
		f.a = matrix{a, 1, lda}
	}
	if tB != blas.NoTrans {
		f.b = matrix{b, 1, ldb}
	}
	if 2*m*n*k < parallelFlops {
		f.threads = 1
	}
	s := size{m: m, n: n, k: k, ldb: ldb, ldc: ldc, onto: beta == 1}
	if alpha == 1 && (beta == 0 || beta == 1) {
		f.multiply(c, nil, s).inParallel(f.threads)
		return
	}
	product := make([]float32, m*n)
	f.multiply(product, nil, dense(m, n, k)).inParallel(f.threads)
	addScaled(alpha, product, beta, c, n, ldc)
}

// parallelFlops is from where on a product is worth several goroutines.
const parallelFlops = 1 << 22

// inParallel does the job with so many goroutines, after the one before.
func (j *job) inParallel(threads int) {
	if j.before != nil {
		j.before.inParallel(threads)
	}
	var wait sync.WaitGroup
	for range min(threads, j.parts) - 1 {
		wait.Go(func() { j.claim() })
	}
	j.claim()
	wait.Wait()
}

// addScaled writes alpha·p + beta·c to c, row by row; with beta 0, what c held does not matter.
func addScaled(alpha float32, p []float32, beta float32, c []float32, cols, ldc int) {
	for i := 0; i*cols < len(p); i++ {
		row := c[i*ldc:][:cols]
		for j, v := range p[i*cols:][:cols] {
			if beta == 0 {
				row[j] = alpha * v
			} else {
				row[j] = alpha*v + beta*row[j]
			}
		}
	}
}
