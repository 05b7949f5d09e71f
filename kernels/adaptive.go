package kernels

import (
	"github.com/gradus-ml/gradus/engine/ops"
	"github.com/gradus-ml/gradus/shaders"
)

func adaptive(o ops.Adaptive) launch {
	rest2 := f32(float32(1 - o.Beta2))
	if o.Kind.Slots() == 3 {
		return blockwise("adaptive_third", o.N, rates(o.Rates, rest2, f32(o.Epsilon))...).
			with(shaders.Bool("LAMB", o.Kind == ops.Lamb))
	}
	return blockwise("adaptive", o.N, rates(o.Rates, f32(float32(o.Beta2)), rest2, f32(o.Epsilon))...).
		with(shaders.Uint("KIND", int(o.Kind)))
}
