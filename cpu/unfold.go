package cpu

import (
	"unsafe"

	"github.com/gradus-ml/gradus/engine/backend/match"
)

// An unfolding is done here in two jobs.
type unfolding struct{ match.Unfolding }

// replace puts the jobs in the place of the operations'.
func (u unfolding) replace(fused map[int]*job) {
	normalised, sums := make([]float32, u.Norm.Rows*u.Norm.Cols), make([]float32, u.Weights.N)
	fused[u.NormIndex] = batchNormKeeping(u.Norm, normalised)
	add := columnSums(setOf(u.Norm.X), u.Weights.K, u.Weights.N, f32(u.Weights.B), sums)
	fused[u.Index], fused[u.Index+1], fused[u.Index+2] = u.rows(normalised, sums).after(add), nil, nil
}

// unfoldedRows is how many rows of P are made at a time: few enough that they are still near when dW is made of them.
const unfoldedRows = 56

// rows is the job that makes P, and of it dW, dgamma and dbeta, some rows at a time.
func (u unfolding) rows(normalised, sums []float32) *job {
	set, m, n, k := setOf(u.Norm.X), u.Weights.M, u.Weights.N, u.Weights.K
	dz, p, w := f32(u.Weights.B), f32(u.Weights.C), f32(u.Input.B)
	gamma, beta, dgamma, dbeta := f32(u.Norm.Gamma), f32(u.Norm.Beta), f32(u.Grad.DGamma), f32(u.Grad.DBeta)
	return ranges((m+unfoldedRows-1)/unfoldedRows, max(1, unfoldedRows*n*k/fastFlops), func(from, to int) {
		for row := from * unfoldedRows; row < min(m, to*unfoldedRows); row += unfoldedRows {
			rows := min(unfoldedRows, m-row)
			s := dense(rows, n, k)
			s.multiply(set, matrix{normalised[row:], 1, m}, dz, p[row*n:], nil, 0, s.tiles(set))
			unfold(set, rows, n, p[row*n:], w[row*n:], sums, gamma[row:], beta[row:], dgamma[row:], dbeta[row:])
		}
	})
}

// unfold runs the kernel on so many rows.
func unfold(set instructions, rows, cols int, operands ...[]float32) {
	s := strip{n: cols, stride: 4 * cols, result: rows, columns: 1<<(cols%16) - 1, lanes: (*[8]int32)(lastOf16[16-cols%16:])}
	for i, o := range operands {
		s.p[i] = unsafe.Pointer(&o[0])
	}
	run(set, unfoldKernel, &s)
}

// lastOf16 holds, from 16−n on, the mask of n columns of 16.
var lastOf16 = [32]int32{-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1}
