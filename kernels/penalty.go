package kernels

import "github.com/gradus-ml/gradus/engine/ops"

func penalty(o ops.Penalty) launch {
	return launch{shader: "penalty", groups: 1, params: []uint32{uint32(o.N), f32(o.L1), f32(o.L2)}}
}

func penaltyGrad(o ops.PenaltyGrad) launch {
	return elementwise("penalty_grad", o.N, f32(o.L1), f32(o.L2))
}
