package kernels

import "github.com/gradus-ml/gradus/engine/ops"

func sgd(o ops.SGD) launch {
	if !o.HasVelocity() {
		return elementwise("sgd", o.N, uint32(o.Steps-1))
	}
	nesterov := uint32(0)
	if o.Nesterov {
		nesterov = 1
	}
	return elementwise("sgd_momentum", o.N, uint32(o.Steps-1), nesterov, f32(o.Momentum))
}
