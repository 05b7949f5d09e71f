package kernels

import (
	"github.com/gradus-ml/gradus/engine/ops"
	"github.com/gradus-ml/gradus/shaders"
)

func noise(o ops.Noise) launch {
	scale, shift, spread, added := o.Coefficients()
	return drawing("noise", o.N, o.Draw, o.Threshold(),
		f32(float32(scale[0])), f32(float32(scale[1])), f32(float32(shift[0])), f32(float32(shift[1])), f32(float32(spread)), f32(float32(added))).
		with(shaders.Bool("NORMAL", spread != 0 || added != 0))
}
