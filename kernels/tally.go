package kernels

import "github.com/gradus-ml/gradus/engine/ops"

func tally(o ops.Tally) launch {
	params := []uint32{uint32(o.N), uint32(o.Steps), uint32(o.Columns), uint32(o.Column), uint32(o.Width), 0}
	return launch{shader: "tally", params: params, groups: o.Width, row: row{5, 1}}
}
