package kernels

import (
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/match"
	"github.com/gradus-ml/gradus/engine/ops"
	"github.com/gradus-ml/gradus/shaders"
)

// biasActivation lets a bias and the activation behind it be one task. What is between them is written if somebody else reads it.
func biasActivation(f *fuser, i int) {
	if b, a, j, ok := findBiasActivation(f.list, i); ok {
		f.one(task{"bias_activation", biasActivationLaunch(b, a, !f.unread(b.Y, j)), []backend.Operand{
			reads("x", b.X), reads("bias", b.Bias), writes("pre", b.Y), writes("y", a.Y),
		}}, i, j)
	}
}

// findBiasActivation looks for the activation of what the bias at the index gives.
func findBiasActivation(list []backend.Op, i int) (b ops.Bias, a ops.Activation, j int, ok bool) {
	if b, ok = match.At[ops.Bias](list, i); !ok {
		return
	}
	if j, ok = match.FirstAfter(list, i, func(a ops.Activation) bool { return a.X == b.Y }); ok {
		a = list[j].(ops.Activation)
	}
	return
}

func biasActivationLaunch(b ops.Bias, a ops.Activation, keep bool) launch {
	return elementwise("bias_activation", a.N, uint32(b.Cols), f32(a.Alpha), f32(a.Beta), f32(a.Gamma)).
		with(shaders.Uint("FUNCTION", int(a.Function)), shaders.Bool("KEEP", keep))
}

// biasActivationBatchNorm lets a bias, the activation behind it and the BatchNorm behind that be one task. Where a GPU is emulated they
// are faster apart.
func biasActivationBatchNorm(f *fuser, i int) {
	b, a, j, ok := findBiasActivation(f.list, i)
	if !ok || f.emulated {
		return
	}
	k, ok := match.FirstAfter(f.list, j, func(n ops.BatchNorm) bool { return n.X == a.Y && n.Cols == b.Cols })
	if !ok {
		return
	}
	n := f.list[k].(ops.BatchNorm)
	weights, at, one := joined(b.Bias, n.Gamma, n.Beta)
	moving, movingAt, both := joined(n.MovingMean, n.MovingVariance)
	if !one || !both {
		return
	}
	params := append(append(at, movingAt...), f32(n.Momentum), f32(n.Epsilon), f32(a.Alpha), f32(a.Beta), f32(a.Gamma))
	l := columnwise("bias_activation_batchnorm", n.Rows, n.Cols, params...).with(shaders.Uint("FUNCTION", int(a.Function)))
	f.one(task{"bias_activation_batchnorm", l, []backend.Operand{
		reads("x", b.X), reads("weights", weights), updates("moving", moving), writes("pre", b.Y), writes("a", a.Y),
		writes("y", n.Y), writes("mean", n.Mean), writes("inv_std", n.InvStd),
	}}, i, j, k)
}
