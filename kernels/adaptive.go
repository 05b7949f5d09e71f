package kernels

import (
	"github.com/gradus-ml/gradus/engine/ops"
	"github.com/gradus-ml/gradus/shaders"
)

func adaptive(o ops.Adaptive) launch {
	rest1, rest2 := f32(float32(1-float64(o.Beta1))), f32(float32(1-float64(o.Beta2)))
	if o.Kind == ops.AMSGrad {
		return elementwise("adaptive_amsgrad", o.N, uint32(o.Steps), rest1, rest2, f32(o.Epsilon))
	}
	return elementwise("adaptive", o.N, uint32(o.Steps), f32(o.Beta1), rest1, f32(o.Beta2), rest2, f32(o.Epsilon)).
		with(shaders.Uint("KIND", int(o.Kind)))
}
