package kernels

import (
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/match"
	"github.com/gradus-ml/gradus/engine/ops"
	"github.com/gradus-ml/gradus/shaders"
)

// batchNormActivation lets a BatchNorm and the activation behind it be one task.
func batchNormActivation(f *fuser, i int) {
	n, ok := match.At[ops.BatchNorm](f.list, i)
	if !ok {
		return
	}
	j, ok := match.FirstAfter(f.list, i, func(a ops.Activation) bool { return a.X == n.Y })
	weights, at, one := joined(n.Gamma, n.Beta)
	moving, movingAt, both := joined(n.MovingMean, n.MovingVariance)
	if !ok || !one || !both {
		return
	}
	a := f.list[j].(ops.Activation)
	params := append(append(at, movingAt...), f32(n.Momentum), f32(n.Epsilon), f32(a.Alpha), f32(a.Beta), f32(a.Gamma))
	l := columnwise("batchnorm_activation", n.Rows, n.Cols, params...).with(shaders.Uint("FUNCTION", int(a.Function)))
	f.one(task{"batchnorm_activation", l, []backend.Operand{
		reads("x", n.X), reads("weights", weights), updates("moving", moving), writes("y", n.Y), writes("a", a.Y),
		writes("mean", n.Mean), writes("inv_std", n.InvStd),
	}}, i, j)
}

// activationBatchNormGrad lets the gradients of an activation, of the BatchNorm before it and of a bias before that, if there is one, be
// one task, if nobody else reads what the first hands to the second.
func activationBatchNormGrad(f *fuser, i int) {
	a, ok := match.At[ops.ActivationGrad](f.list, i)
	if !ok {
		return
	}
	j, ok := match.FirstAfter(f.list, i, func(n ops.BatchNormGrad) bool { return n.DY == a.DX })
	if !ok || !f.unread(a.DX, j) {
		return
	}
	n := f.list[j].(ops.BatchNormGrad)
	if k, biased := match.FirstAfter(f.list, j, func(b ops.BiasGrad) bool { return b.DY == n.DX && b.Cols == n.Cols }); biased {
		f.activationBatchNormGrad(a, n, f.list[k].(ops.BiasGrad).DBias, i, j, k)
	}
	f.activationBatchNormGrad(a, n, n.DBeta, i, j)
}

// activationBatchNormGrad does the operations at two or three indices; bias, where the third's result goes, is not written without it.
func (f *fuser) activationBatchNormGrad(a ops.ActivationGrad, n ops.BatchNormGrad, bias backend.Region, indices ...int) {
	grads, at, ok := joined(n.DGamma, n.DBeta, bias)
	if !ok {
		return
	}
	l := columnwise("activation_batchnorm_grad", n.Rows, n.Cols, append(at, f32(a.Alpha), f32(a.Beta), f32(a.Gamma))...).
		with(shaders.Uint("FUNCTION", int(a.Function)), shaders.Bool("BIASED", len(indices) == 3))
	f.one(task{"activation_batchnorm_grad", l, []backend.Operand{
		reads("x", n.X), reads("y", a.X), reads("da", a.DY), reads("gamma", n.Gamma), reads("mean", n.Mean), reads("inv_std", n.InvStd),
		writes("dx", n.DX), updates("grads", grads),
	}}, indices...)
}
