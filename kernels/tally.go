package kernels

import "github.com/gradus-ml/gradus/engine/ops"

func tally(o ops.Tally) launch {
	g := fold(o.Width)
	params := []uint32{uint32(o.N), uint32(o.Steps), uint32(o.Columns), uint32(o.Column), uint32(o.Width), g.x}
	return launch{shader: "tally", params: params, groups: g}
}
