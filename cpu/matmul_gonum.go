package cpu

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/gonum"

	"github.com/gradus-ml/gradus/engine/ops"
)

// Panels of C: at most two of gonum's blocks of 64 × 64, so that gonum computes each on the calling thread and allocates nothing.
const (
	panelRows = 64
	panelCols = 128
)

// gonumMatMul computes C panel by panel. The sum over k is never split.
func gonumMatMul(o ops.MatMul) *job {
	down, across := (o.M+panelRows-1)/panelRows, (o.N+panelCols-1)/panelCols
	return ranges(down*across, 2*o.K*min(o.M, panelRows)*min(o.N, panelCols)/gonumFlops, func(from, to int) {
		for i := from; i < to; i++ {
			panel(o, i/across*panelRows, i%across*panelCols)
		}
	})
}

// gonumFlops is how many flops of gonum take as long as one elementary operation elsewhere.
const gonumFlops = 8

// panel computes the part of C that begins at the row and column.
func panel(o ops.MatMul, row, col int) {
	a, b, c := f32(o.A), f32(o.B), f32(o.C)
	ta, lda, tb, ldb := blas.NoTrans, o.K, blas.NoTrans, o.N
	if o.TransposeA {
		ta, lda, a = blas.Trans, o.M, a[row:]
	} else {
		a = a[row*o.K:]
	}
	if o.TransposeB {
		tb, ldb, b = blas.Trans, o.K, b[col*o.K:]
	} else {
		b = b[col:]
	}
	gonum.Implementation{}.Sgemm(ta, tb, min(panelRows, o.M-row), min(panelCols, o.N-col), o.K,
		1, a, lda, b, ldb, 0, c[row*o.N+col:], o.N)
}
