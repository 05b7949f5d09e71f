package kernels

import (
	"github.com/gradus-ml/gradus/engine/ops"
	"github.com/gradus-ml/gradus/shaders"
)

// The shaders number the functions as package ops does.

func activation(o ops.Activation) launch { return pointwise("activation", o.N, o.Function, o.Options) }

func activationGrad(o ops.ActivationGrad) launch {
	return pointwise("activation_grad", o.N, o.Function, o.Options)
}

func pointwise(shader string, n int, f ops.Function, o ops.Options) launch {
	return elementwise(shader, n, f32(o.Alpha), f32(o.Beta), f32(o.Gamma)).with(shaders.Uint("FUNCTION", int(f)))
}
