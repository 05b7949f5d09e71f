package kernels

import "github.com/gradus-ml/gradus/engine/ops"

func tally(o ops.Tally) launch {
	return launch{shader: "tally", params: []uint32{uint32(o.N), uint32(o.Steps), uint32(o.Columns), uint32(o.Column)}, x: 1, y: 1}
}
