package kernels

import (
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/match"
	"github.com/gradus-ml/gradus/engine/ops"
	"github.com/gradus-ml/gradus/shaders"
)

// unfold leaves a product out of the gradients of the BatchNorm of the input and the layer behind it, see match.Unfolding: the BatchNorm
// keeps x̂ where the gradient of the input would be, dW's product becomes x̂ᵀ·dz, and the last task makes dW, dgamma and dbeta of that; where a GPU is
// emulated, the product does so itself. They take the sums of dz's columns from the layer's bias. The rows of W must be whole vectors of four. Where a GPU is
// emulated, it pays from fewUnfold examples on: below, what it reads of memory costs more than the product.
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
	norm, ok := normal(u)
	product := u.Weights
	product.A = u.Grad.DX
	whole, can := unfoldingProduct(u, sums)
	rest := unfolding(u, sums)
	switch {
	case !ok || !f.binds(norm):
	case f.emulated && can && f.binds(whole):
		f.normalise(u, norm)
		f.replace(whole, i, i+1, last)
	case f.binds(taskOf(product)) && f.binds(rest):
		f.normalise(u, norm)
		f.replace(taskOf(product), i)
		f.replace(rest, i+1, last)
	}
}

const fewUnfold = 16

// normal is the task of the BatchNorm.
func normal(u match.Unfolding) (t task, ok bool) {
	n := u.Norm
	scale, at, one := joined(n.Gamma, n.Beta)
	moving, movingAt, both := joined(n.MovingMean, n.MovingVariance)
	t = task{"batchnorm_normal", columnwise("batchnorm_normal", n.Rows, n.Cols, append(append(at, movingAt...), f32(n.Momentum), f32(n.Epsilon))...),
		[]backend.Operand{reads("x", n.X), reads("weights", scale), updates("moving", moving), writes("y", n.Y), writes("normal", u.Grad.DX)}}
	return t, one && both
}

// unfolding is the task that makes the gradients of the product.
func unfolding(u match.Unfolding, sums backend.Region) task {
	return task{"unfold", unfoldRows(u.Weights.M, u.Weights.N/4), []backend.Operand{
		reads("w", u.Input.B), reads("gamma", u.Norm.Gamma), reads("beta", u.Norm.Beta), updates("dw", u.Weights.C), updates("sum", sums),
		writes("dgamma", u.Grad.DGamma), writes("dbeta", u.Grad.DBeta),
	}}
}

// mostUnfolding is how many threads the workgroup of an unfolding product has at most.
const mostUnfolding = 128

// unfoldingProduct is the task of the product that makes the gradients at its end, where a GPU is emulated and ok.
func unfoldingProduct(u match.Unfolding, sums backend.Region) (t task, ok bool) {
	o, kernel := u.Weights, largeDirect
	threads := func(broad int) int { return emulatedVector * ceil(o.N, broad*emulatedVector) }
	if threads(squareDirect.cols)*squareDirect.cols < threads(largeDirect.cols)*largeDirect.cols {
		kernel = squareDirect
	}
	kernel.threads = threads(kernel.cols)
	scale, at, _ := joined(u.Norm.Gamma, u.Norm.Beta)
	l := launch{shader: "matmul_direct_unfold", params: append([]uint32{uint32(o.M), uint32(o.N), uint32(o.K), 0}, at...), groups: ceil(o.M, kernel.rows), row: row{3, 1}}
	l = l.with(kernel.constants()...).with(shaders.Uint("THREADS", kernel.threads))
	t = task{"matmul and unfold", l, []backend.Operand{
		reads("a", u.Grad.DX), reads("b", o.B), reads("w", u.Input.B), reads("scale", scale), updates("sum", sums),
		writes("dw", o.C), writes("dgamma", u.Grad.DGamma), writes("dbeta", u.Grad.DBeta),
	}}
	return t, kernel.threads <= mostUnfolding && wholeVectors(o) && o.M >= 4
}

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
