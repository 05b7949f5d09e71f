package cpu

import (
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

// picker finds the example that stands in a row of the current step.
type picker struct {
	order, clock            []uint32
	stride, first, examples int
}

func (p picker) example(row int) int {
	position := min(int(p.clock[0])*p.stride+p.first+row, len(p.order)-1)
	return min(int(p.order[position]), p.examples-1)
}

func gather(o ops.Gather) *job {
	p, y := picker{u32(o.Order), u32(o.Clock), o.Stride, o.First, o.Examples}, f32(o.Y)
	copyRow := copyFloats(o)
	if o.Data.Kind() == backend.U8 {
		copyRow = copyBytes(o)
	}
	return ranges(o.Rows, o.Cols, func(from, to int) {
		for r := from; r < to; r++ {
			copyRow(p.example(r), p.example(min(r+1, to-1)), y[r*o.Cols:][:o.Cols])
		}
	})
}

func copyFloats(o ops.Gather) func(example, next int, row []float32) {
	if v, ok := vector(o.Y, scaleKernel, [6]float32{o.Scale}); ok {
		return func(example, _ int, row []float32) { v.elements(0, o.Cols, f32(o.Data)[example*o.Cols:], row) }
	}
	return func(example, _ int, row []float32) {
		for c, v := range f32(o.Data)[example*o.Cols:][:len(row)] {
			row[c] = v * o.Scale
		}
	}
}

// copyBytes leaves what is no whole vector to Go.
func copyBytes(o ops.Gather) func(example, next int, row []float32) {
	v, fast := vector(o.Y, scaleBytesKernel, [6]float32{o.Scale})
	return func(example, next int, row []float32) {
		x, done := u8(o.Data)[example*o.Cols:][:len(row)], 0
		if fast {
			done = v.bytes(x, u8(o.Data)[next*o.Cols:], row)
		}
		for c, v := range x[done:] {
			row[done+c] = float32(v) * o.Scale
		}
	}
}

func gatherLabels(o ops.GatherLabels) *job {
	p, labels, y := picker{u32(o.Order), u32(o.Clock), o.Stride, o.First, o.Examples}, u32(o.Labels), u32(o.Y)
	return whole(func() {
		for r := range y {
			y[r] = labels[p.example(r)]
		}
	})
}
