package cpu

import (
	"unsafe"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

// unfolding is a BatchNorm of the network's input, y = x̂·gamma + beta, with the layer z = y·W behind it. Its gradient wants dgamma and
// dbeta alone, and these need no product dy = dz·Wᵀ: with P = x̂ᵀ·dz and s the sums of dz's columns
//
//	dW[c,j] = gamma[c]·P[c,j] + beta[c]·s[j],   dbeta[c] = Σ_j W[c,j]·s[j],   dgamma[c] = Σ_j W[c,j]·P[c,j]
//
// so that one product of three is left out. Results differ by rounding from those of the operations one by one.
type unfolding struct {
	norm      ops.BatchNorm
	weights   ops.MatMul // dW = yᵀ·dz
	input     ops.MatMul // dy = dz·Wᵀ
	grad      ops.BatchNormGrad
	normIndex int
	index     int // of weights; input and grad follow
}

// findUnfolding looks for one whose weights' gradient is at the index.
func findUnfolding(list []backend.Op, i int) (u unfolding, ok bool) {
	var found [3]bool
	u.index = i
	u.weights, found[0] = at[ops.MatMul](list, i)
	u.input, found[1] = at[ops.MatMul](list, i+1)
	u.grad, found[2] = at[ops.BatchNormGrad](list, i+2)
	if found != [3]bool{true, true, true} || !u.chained() || !unread(list, u.input.C, i+2) || !unread(list, u.grad.DX, -1) {
		return u, false
	}
	u.normIndex, ok = lastBefore(list, i, func(n ops.BatchNorm) bool { return n.Y == u.weights.A })
	if !ok {
		return u, false
	}
	u.norm = list[u.normIndex].(ops.BatchNorm)
	return u, u.belongs() && untouched(list[u.normIndex+1:i], u.norm.X, u.norm.Y, u.norm.Gamma, u.norm.Beta, u.norm.Mean, u.norm.InvStd)
}

// chained reports whether the three operations hand on their results: dz to both products, dy to the gradient.
func (u unfolding) chained() bool {
	return u.weights.TransposeA && u.input.TransposeB && u.weights.B == u.input.A && u.input.C == u.grad.DY &&
		u.weights.M == u.grad.Cols && u.weights.K == u.grad.Rows && u.input.K == u.weights.N &&
		!u.weights.C.Overlaps(u.input.B) && !u.weights.C.Overlaps(u.weights.B)
}

// belongs reports whether the gradient is that of the BatchNorm.
func (u unfolding) belongs() bool {
	return u.norm.X == u.grad.X && u.norm.Gamma == u.grad.Gamma && u.norm.Mean == u.grad.Mean && u.norm.InvStd == u.grad.InvStd &&
		u.norm.Rows == u.grad.Rows && u.norm.Cols == u.grad.Cols
}

// replace puts the jobs in the place of the operations'.
func (u unfolding) replace(fused map[int]*job) {
	normalised, sums := make([]float32, u.norm.Rows*u.norm.Cols), make([]float32, u.weights.N)
	fused[u.normIndex] = batchNormKeeping(u.norm, normalised)
	add := columnSums(setOf(u.norm.X), u.weights.K, u.weights.N, f32(u.weights.B), sums)
	fused[u.index], fused[u.index+1], fused[u.index+2] = u.rows(normalised, sums).after(add), nil, nil
}

// unfoldedRows is how many rows of P are made at a time: few enough that they are still near when dW is made of them.
const unfoldedRows = 56

// rows is the job that makes P, and of it dW, dgamma and dbeta, some rows at a time.
func (u unfolding) rows(normalised, sums []float32) *job {
	set, m, n, k := setOf(u.norm.X), u.weights.M, u.weights.N, u.weights.K
	dz, p, w := f32(u.weights.B), f32(u.weights.C), f32(u.input.B)
	gamma, beta, dgamma, dbeta := f32(u.norm.Gamma), f32(u.norm.Beta), f32(u.grad.DGamma), f32(u.grad.DBeta)
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
