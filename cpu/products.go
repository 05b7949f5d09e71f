package cpu

import (
	"gonum.org/v1/gonum/blas"

	"github.com/gradus-ml/gradus/engine/ops"
)

// Products computes C = alpha·A′·B′ + beta·C in row-major order, as gonum's blas.Float32 does; BLAS and sysblas.Library are some. The arguments are right. It
// is called from one goroutine at a time.
type Products interface {
	Sgemm(tA, tB blas.Transpose, m, n, k int, alpha float32, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int)
}

// foreignMatMul is a job that leaves a product to somebody else, threads included.
func foreignMatMul(p Products, o ops.MatMul) *job {
	a, b, c := f32(o.A), f32(o.B), f32(o.C)
	ta, lda, tb, ldb := blas.NoTrans, o.K, blas.NoTrans, o.N
	if o.TransposeA {
		ta, lda = blas.Trans, o.M
	}
	if o.TransposeB {
		tb, ldb = blas.Trans, o.K
	}
	return whole(func() { p.Sgemm(ta, tb, o.M, o.N, o.K, 1, a, lda, b, ldb, 0, c, o.N) })
}
