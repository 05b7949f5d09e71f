package cpu

import (
	"runtime"
	"sync"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"
)

// BLAS is gonum's implementation with the products of this package, for programs that use gonum beside Gradus:
//
//	blas32.Use(cpu.NewBLAS(0))
//
// Gradus itself never calls Use, which is for the whole process. Where the machine has no vector kernels it is gonum's own. The zero value works too: it
// starts up to GOMAXPROCS goroutines for each product that is large enough, and allocates what memory a product needs.
type BLAS struct {
	gonum.Implementation
	kept *workers // or nil
}

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
	f := factors{set, matrix{a, lda, 1}, matrix{b, ldb, 1}, 1, nil}
	if tA != blas.NoTrans {
		f.a = matrix{a, 1, lda}
	}
	if tB != blas.NoTrans {
		f.b = matrix{b, 1, ldb}
	}
	g.multiply(f, c, dense(m, n, k).within(ldc), scaling{alpha, beta})
}

// within is the size of a product whose result has rows at such a distance.
func (s size) within(ldc int) size {
	s.ldc = ldc
	return s
}

// scaling is alpha and beta.
type scaling struct{ alpha, beta float32 }

// direct reports whether the kernels write what is wanted, or add to it.
func (x scaling) direct() bool { return x.alpha == 1 && (x.beta == 0 || x.beta == 1) }

// multiply computes a product with the threads that are kept, unless another goroutine has them.
func (g BLAS) multiply(f factors, c []float32, s size, x scaling) {
	if g.kept != nil && g.kept.multiply(f, c, s, x) {
		return
	}
	if g.kept == nil && 2*s.m*s.n*s.k >= parallelFlops {
		f.threads = runtime.GOMAXPROCS(0)
	}
	if x.direct() {
		s.onto = x.beta == 1
		f.multiply(c, nil, s).inParallel(f.threads)
		return
	}
	product := make([]float32, s.m*s.n)
	f.multiply(product, nil, dense(s.m, s.n, s.k)).inParallel(f.threads)
	addScaled(x, product, c, s.n, s.ldc)
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
		wait.Go(func() { j.claim(true) })
	}
	j.claim(false)
	wait.Wait()
}

// addScaled writes alpha·p + beta·c to c, row by row; with beta 0, what c held does not matter.
func addScaled(x scaling, p, c []float32, cols, ldc int) {
	for i := 0; i*cols < len(p); i++ {
		row := c[i*ldc:][:cols]
		for j, v := range p[i*cols:][:cols] {
			if x.beta == 0 {
				row[j] = x.alpha * v
			} else {
				row[j] = x.alpha*v + x.beta*row[j]
			}
		}
	}
}
