package kernels

import (
	"fmt"

	"github.com/gradus-ml/gradus/engine/ops"
	"github.com/gradus-ml/gradus/shaders"
)

func sgd(o ops.SGD) launch {
	if !o.HasVelocity() {
		l := launch{shader: "sgd"}
		l.elements(o.N, uint32(o.Steps))
		return l
	}
	l := launch{shader: "sgd_momentum", constants: []shaders.Constant{{Name: "NESTEROV", Value: fmt.Sprint(o.Nesterov)}}}
	l.elements(o.N, uint32(o.Steps), bits(o.Momentum))
	return l
}
