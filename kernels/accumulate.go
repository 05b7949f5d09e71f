package kernels

import "github.com/gradus-ml/gradus/engine/ops"

func accumulate(o ops.Accumulate) launch {
	l := launch{shader: "accumulate"}
	l.elements(o.N)
	return l
}
