package kernels

import (
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/match"
	"github.com/gradus-ml/gradus/engine/ops"
	"github.com/gradus-ml/gradus/shaders"
)

// activationBiasGrad lets the gradients of an activation and of the bias before it be one task.
func activationBiasGrad(f *fuser, i int) {
	a, ok := match.At[ops.ActivationGrad](f.list, i)
	if !ok {
		return
	}
	j, ok := match.FirstAfter(f.list, i, func(b ops.BiasGrad) bool { return b.DY == a.DX })
	if !ok {
		return
	}
	b := f.list[j].(ops.BiasGrad)
	l := columnwise("activation_bias_grad", b.Rows, b.Cols, f32(a.Alpha), f32(a.Beta), f32(a.Gamma)).
		with(shaders.Uint("FUNCTION", int(a.Function)))
	f.one(task{"activation_bias_grad", l, []backend.Operand{
		reads("pre", a.X), reads("dy", a.DY), writes("dpre", a.DX), writes("dbias", b.DBias),
	}}, i, j)
}
