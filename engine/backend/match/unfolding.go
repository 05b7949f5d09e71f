package match

import (
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

// An Unfolding is a BatchNorm of the network's input, y = x̂·gamma + beta, with the layer z = y·W behind it. Its gradient wants dgamma and
// dbeta alone, and these need no product dy = dz·Wᵀ: with P = x̂ᵀ·dz and s the sums of dz's columns
//
//	dW[c,j] = gamma[c]·P[c,j] + beta[c]·s[j],   dbeta[c] = Σ_j W[c,j]·s[j],   dgamma[c] = Σ_j W[c,j]·P[c,j]
//
// so that one product of three is left out. Results differ by rounding from those of the operations one by one.
type Unfolding struct {
	Norm      ops.BatchNorm
	Weights   ops.MatMul // dW = yᵀ·dz
	Input     ops.MatMul // dy = dz·Wᵀ
	Grad      ops.BatchNormGrad
	NormIndex int
	Index     int // of Weights; Input and Grad follow
}

// FindUnfolding looks for one whose weights' gradient is at the index.
func FindUnfolding(list []backend.Op, i int) (u Unfolding, ok bool) {
	var found [3]bool
	u.Index = i
	u.Weights, found[0] = At[ops.MatMul](list, i)
	u.Input, found[1] = At[ops.MatMul](list, i+1)
	u.Grad, found[2] = At[ops.BatchNormGrad](list, i+2)
	if found != [3]bool{true, true, true} || !u.chained() || !Unread(list, u.Input.C, i+2) || !Unread(list, u.Grad.DX) {
		return u, false
	}
	u.NormIndex, ok = LastBefore(list, i, func(n ops.BatchNorm) bool { return n.Y == u.Weights.A })
	if !ok {
		return u, false
	}
	u.Norm = list[u.NormIndex].(ops.BatchNorm)
	return u, u.belongs() && Untouched(list[u.NormIndex+1:i], u.Norm.X, u.Norm.Y, u.Norm.Gamma, u.Norm.Beta, u.Norm.Mean, u.Norm.InvStd)
}

// chained reports whether the three operations hand on their results: dz to both products, dy to the gradient.
func (u Unfolding) chained() bool {
	return u.Weights.TransposeA && u.Input.TransposeB && u.Weights.B == u.Input.A && u.Input.C == u.Grad.DY &&
		u.Weights.M == u.Grad.Cols && u.Weights.K == u.Grad.Rows && u.Input.K == u.Weights.N &&
		!u.Weights.C.Overlaps(u.Input.B) && !u.Weights.C.Overlaps(u.Weights.B)
}

// belongs reports whether the gradient is that of the BatchNorm.
func (u Unfolding) belongs() bool {
	return u.Norm.X == u.Grad.X && u.Norm.Gamma == u.Grad.Gamma && u.Norm.Mean == u.Grad.Mean && u.Norm.InvStd == u.Grad.InvStd &&
		u.Norm.Rows == u.Grad.Rows && u.Norm.Cols == u.Grad.Cols
}
