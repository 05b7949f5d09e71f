package kernels

import (
	"github.com/gradus-ml/gradus/engine/ops"
	"github.com/gradus-ml/gradus/shaders"
)

// The shaders number the functions as package ops does.

func activation(o ops.Activation) launch {
	return elementwise("activation", o.N, f32(o.Alpha)).with(shaders.Uint("FUNCTION", int(o.Function)))
}

func activationGrad(o ops.ActivationGrad) launch {
	return elementwise("activation_grad", o.N, f32(o.Alpha)).with(shaders.Uint("FUNCTION", int(o.Function)))
}
