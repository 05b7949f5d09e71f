package kernels

import (
	"github.com/gradus-ml/gradus/engine/ops"
	"github.com/gradus-ml/gradus/shaders"
)

func constraint(o ops.Constraint) launch {
	return columnwise("constraint", o.Rows, o.Cols, f32(o.Limit)).with(shaders.Uint("KIND", int(o.Kind)))
}
