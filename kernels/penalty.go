package kernels

import (
	"github.com/gradus-ml/gradus/engine/ops"
	"github.com/gradus-ml/gradus/shaders"
)

func penalty(o ops.Penalty) launch {
	l := launch{shader: "penalty", groups: 1, params: []uint32{uint32(o.N), f32(o.L1), f32(o.L2)}}
	if o.N%4 != 0 {
		return l
	}
	l.params[0] /= 4
	return l.with(shaders.Vectors(), shaders.VectorTotal())
}

func penaltyGrad(o ops.PenaltyGrad) launch {
	return elementwise("penalty_grad", o.N, f32(o.L1), f32(o.L2))
}
