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
	left := matrix{a, lda, 1}
	if tA != blas.NoTrans {
		left = matrix{a, 1, lda}
	}
	if tB != blas.NoTrans {
		turned := make([]float32, k*n)
		transpose(turned, b, n, k, ldb).claimAll()
		b, ldb = turned, n
	}
	if alpha == 1 && beta == 0 {
		size{m, n, k, ldb, ldc}.inParallel(set, left, b, c)
		return
	}
	product := make([]float32, m*n)
	size{m, n, k, ldb, n}.inParallel(set, left, b, product)
	addScaled(alpha, product, beta, c, n, ldc)
}

// parallelFlops is from where on a product is worth several goroutines.
const parallelFlops = 1 << 22

// inParallel computes the product with as many goroutines as there are threads.
func (s size) inParallel(set instructions, a matrix, b, c []float32) {
	tiles, parts := s.tiles(set), runtime.GOMAXPROCS(0)
	if 2*s.m*s.n*s.k < parallelFlops {
		parts = 1
	}
	var wait sync.WaitGroup
	for i := 1; i < parts; i++ {
		wait.Go(func() { s.multiply(set, a, b, c, nil, i*tiles/parts, (i+1)*tiles/parts) })
	}
	s.multiply(set, a, b, c, nil, 0, tiles/parts)
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
