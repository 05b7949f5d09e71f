package kernels

import (
	"fmt"

	"github.com/gradus-ml/gradus/engine/ops"
	"github.com/gradus-ml/gradus/shaders"
)

func activation(o ops.Activation) launch { return elementwise("activation", o.N, o.Function, o.Alpha) }

func activationGrad(o ops.ActivationGrad) launch {
	return elementwise("activation_grad", o.N, o.Function, o.Alpha)
}

func elementwise(shader string, n int, f ops.Function, alpha float32) launch {
	l := launch{shader: shader, constants: []shaders.Constant{{Name: "FUNCTION", Value: fmt.Sprintf("%du", f)}}}
	l.elements(n, bits(alpha))
	return l
}
