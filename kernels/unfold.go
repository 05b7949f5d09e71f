package kernels

import (
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/match"
	"github.com/gradus-ml/gradus/engine/ops"
)

// unfold leaves a product out of the gradients of the BatchNorm of the input and the layer behind it, see match.Unfolding: the BatchNorm
// keeps x̂ where the gradient of the input would be, dW's product becomes x̂ᵀ·dz, and the last task makes dW, dgamma and dbeta of that.
// It takes the sums of dz's columns from the layer's bias. The rows of W must be whole vectors of four. Where a GPU is emulated, it pays from fewUnfold
// examples on: below, what it reads of memory costs more than the product.
func unfold(f *fuser, i int) {
	u, ok := match.FindUnfolding(f.list, i)
	if !ok || u.Weights.N%4 != 0 || f.emulated && u.Norm.Rows < fewUnfold {
		return
	}
	last := u.Index + 2
	b, ok := match.LastBefore(f.list, i, func(b ops.BiasGrad) bool { return b.DY == u.Weights.B && b.Cols == u.Weights.N })
	if !ok || !f.free(u.NormIndex, i, i+1, last) || !f.unread(u.Norm.Mean, last) || !f.unread(u.Norm.InvStd, last) {
		return
	}
	sums := f.list[b].(ops.BiasGrad).DBias
	if !match.Untouched(f.list[b+1:last], sums, u.Weights.B) || !unused(f.list[u.NormIndex+1:last], u.Grad.DX.Buffer) {
		return
	}
	norm, product, rest, ok := unfolded(u, sums)
	if ok && f.binds(norm) && f.binds(product) && f.binds(rest) {
		f.replace(norm, u.NormIndex)
		f.replace(product, i)
		f.replace(rest, i+1, last)
	}
}

// unfolded returns the three tasks.
func unfolded(u match.Unfolding, sums backend.Region) (norm, product, rest task, ok bool) {
	n, dw, normal := u.Norm, u.Weights, u.Grad.DX
	scale, at, one := joined(n.Gamma, n.Beta)
	moving, movingAt, both := joined(n.MovingMean, n.MovingVariance)
	norm = task{"batchnorm_normal", columnwise("batchnorm_normal", n.Rows, n.Cols, append(append(at, movingAt...), f32(n.Momentum), f32(n.Epsilon))...),
		[]backend.Operand{reads("x", n.X), reads("weights", scale), updates("moving", moving), writes("y", n.Y), writes("normal", normal)}}
	dw.A = normal
	product = taskOf(dw)
	rest = task{"unfold", unfoldRows(dw.M, dw.N/4), []backend.Operand{
		reads("w", u.Input.B), reads("gamma", n.Gamma), reads("beta", n.Beta), updates("dw", dw.C), updates("sum", sums),
		writes("dgamma", u.Grad.DGamma), writes("dbeta", u.Grad.DBeta),
	}}
	return norm, product, rest, one && both
}

const fewUnfold = 16

// unfoldRows has the threads that are one vector, where a GPU is emulated, take neighbours of a row: memory is read along it.
func unfoldRows(rows, cols int) launch {
	l, emulated := rowwise("unfold", rows, cols), strips("unfold", "ROWS", rows, emulatedVector, matrix(rows, cols, nil))
	l.emulated = &emulated
	return l
}

// unused reports whether none of the operations uses the buffer.
func unused(list []backend.Op, b backend.Buffer) bool {
	for _, op := range list {
		for _, o := range op.Operands() {
			if o.Region.Buffer == b {
				return false
			}
		}
	}
	return true
}
