package kernels

import (
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/match"
	"github.com/gradus-ml/gradus/engine/ops"
	"github.com/gradus-ml/gradus/shaders"
)

// batchNormActivationBiasGrad lets the gradients of a BatchNorm, of the activation before it and of the bias before that be one task,
// if nobody else reads what the first hands to the second.
func batchNormActivationBiasGrad(f *fuser, i int) {
	n, ok := match.At[ops.BatchNormGrad](f.list, i)
	if !ok {
		return
	}
	j, ok := match.FirstAfter(f.list, i, func(a ops.ActivationGrad) bool { return a.DY == n.DX })
	if !ok || !f.unread(n.DX, j) {
		return
	}
	a := f.list[j].(ops.ActivationGrad)
	k, ok := match.FirstAfter(f.list, j, func(b ops.BiasGrad) bool { return b.DY == a.DX && b.Cols == n.Cols })
	if !ok {
		return
	}
	grads, at, ok := joined(n.DGamma, n.DBeta, f.list[k].(ops.BiasGrad).DBias)
	if !ok {
		return
	}
	l := columnwise("batchnorm_activation_bias_grad", n.Rows, n.Cols, append(at, f32(a.Alpha), f32(a.Beta), f32(a.Gamma))...).
		with(shaders.Uint("FUNCTION", int(a.Function)))
	f.one(task{"batchnorm_activation_bias_grad", l, []backend.Operand{
		reads("a", n.X), reads("dy", n.DY), reads("gamma", n.Gamma), reads("mean", n.Mean), reads("inv_std", n.InvStd),
		reads("pre", a.X), writes("dpre", a.DX), updates("grads", grads),
	}}, i, j, k)
}
