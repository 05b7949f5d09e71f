package kernels

import "github.com/gradus-ml/gradus/engine/ops"

func advance(ops.Advance) launch {
	return launch{shader: "advance", params: []uint32{1}, groups: 1}
}
