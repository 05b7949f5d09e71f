package kernels

import (
	"github.com/gradus-ml/gradus/engine/ops"
	"github.com/gradus-ml/gradus/shaders"
)

func pairLoss(o ops.PairLoss) launch {
	return rowwise("pair_loss", o.Rows, o.Cols, f32(o.Alpha), f32(o.Gamma), f32(float32(o.Function.Share(o.Cols)))).
		with(shaders.Uint("FUNCTION", int(o.Function)))
}

func pairLossGrad(o ops.PairLossGrad) launch {
	return elementwise("pair_loss_grad", o.Rows*o.Cols, uint32(o.Cols), f32(o.Alpha), f32(o.Gamma), f32(float32(o.Function.Share(o.Cols)))).
		with(shaders.Uint("FUNCTION", int(o.Function)))
}
