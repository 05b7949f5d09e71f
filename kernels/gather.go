package kernels

import (
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

func gather(o ops.Gather) launch {
	l := launch{shader: "gather_f32"}
	if o.Data.Kind() == backend.U8 {
		l.shader = "gather_u8"
	}
	l.elements(o.Rows*o.Cols, uint32(o.Cols), uint32(o.Stride), uint32(o.Order.Len), uint32(o.Examples), bits(o.Scale))
	return l
}

func gatherLabels(o ops.GatherLabels) launch {
	l := launch{shader: "gather_labels"}
	l.elements(o.Rows, uint32(o.Stride), uint32(o.Order.Len), uint32(o.Examples))
	return l
}
