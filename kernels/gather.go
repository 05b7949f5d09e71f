package kernels

import (
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

func gather(o ops.Gather) launch {
	shader := "gather_f32"
	if o.Data.Kind() == backend.U8 {
		shader = "gather_u8"
	}
	positions := append([]uint32{uint32(o.Cols)}, positionsOf(o.Stride, o.First, o.Order.Len, o.Examples)...)
	return elementwise(shader, o.Rows*o.Cols, append(positions, f32(o.Scale))...)
}

func gatherLabels(o ops.GatherLabels) launch {
	return elementwise("gather_labels", o.Rows, positionsOf(o.Stride, o.First, o.Order.Len, o.Examples)...)
}

// positionsOf returns stride, first, last_clock, last_position and last_example. At last_clock, clock·stride reaches past the last
// position; the kernels take no later one, whose product might not fit in 32 bits.
func positionsOf(stride, first, positions, examples int) []uint32 {
	return []uint32{uint32(stride), uint32(first), uint32((positions-1)/stride + 1), uint32(positions - 1), uint32(examples - 1)}
}
