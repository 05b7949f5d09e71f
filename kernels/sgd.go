package kernels

import (
	"fmt"

	"github.com/gradus-ml/gradus/engine/ops"
	"github.com/gradus-ml/gradus/shaders"
)

func sgd(o ops.SGD) launch {
	l := launch{shader: "sgd"}
	if o.HasVelocity() {
		l.shader = "sgd_momentum"
		l.constants = []shaders.Constant{{Name: "NESTEROV", Value: fmt.Sprint(o.Nesterov)}}
	}
	l.elements(o.N, uint32(o.Steps), bits(o.Momentum))
	return l
}
