package kernels

import "github.com/gradus-ml/gradus/engine/ops"

func tally(o ops.Tally) launch {
	params := []uint32{uint32(o.N), uint32(o.Steps), uint32(o.Columns), uint32(o.Column)}
	return launch{shader: "tally", params: params, groups: grid{1, 1}}
}
