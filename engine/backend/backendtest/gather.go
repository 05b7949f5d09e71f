package backendtest

import (
	"fmt"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

// example returns which example stands at number r of the step that the clock tells.
func example(order, clock backend.Region, r, stride, examples int) int {
	position := int(u32(clock)[0])*stride + r
	return min(int(u32(order)[min(position, order.Len-1)]), examples-1)
}

func gather(o ops.Gather) {
	for r := range o.Rows {
		from := example(o.Order, o.Clock, o.First+r, o.Stride, o.Examples) * o.Cols
		for c := range o.Cols {
			f64(o.Y)[r*o.Cols+c] = stored(o.Data, from+c) * float64(o.Scale)
		}
	}
}

// stored returns element i of a data set.
func stored(data backend.Region, i int) float64 {
	if data.Kind() == backend.U8 {
		return float64(data.Buffer.(*memory).b[data.Offset+i])
	}
	return f64(data)[i]
}

func gatherLabels(o ops.GatherLabels) {
	for r := range o.Rows {
		u32(o.Y)[r] = u32(o.Labels)[example(o.Order, o.Clock, o.First+r, o.Stride, o.Examples)]
	}
}

func gatherCases() []Case {
	var cases []Case
	for _, s := range [][4]int{ // examples, rows, cols, clock
		{1, 1, 1, 0}, {5, 3, 7, 0}, {50, 8, 3, 2}, {50, 8, 4, 5}, {40, 9, 65, 1}, {100, 32, 784, 2}, {300, 70, 257, 3}, {70_003, 69_999, 3, 0},
		{20, 8, 5, 2},  // the last positions lie beyond the order
		{20, 8, 5, 90}, // all of them do
	} {
		for _, kind := range []backend.Kind{backend.F32, backend.U8} {
			cases = append(cases, gatherCase(kind, s[0], s[1], s[2], s[3]))
		}
		cases = append(cases, gatherLabelsCase(s[0], s[1], s[3]))
	}
	wild := gatherCase(backend.F32, 10, 4, 3, 0)
	build := wild.Build
	wild.Name, wild.Build = "gather of examples that are not there", func(in *Inputs) []backend.Op {
		op := build(in)[0].(ops.Gather)
		op.Order = in.Indices(3, 10, 4_000_000_000, 9)
		return []backend.Op{op}
	}
	return append(cases, wild, gatherTwoSteps(), gatherPart(), gatherLabelsPart(), gatherScaled())
}

func gatherCase(kind backend.Kind, examples, rows, cols, clock int) Case {
	return Case{Name: fmt.Sprintf("gather %v %dx%d of %d at %d", kind, rows, cols, examples, clock), Build: one(func(in *Inputs) ops.Gather {
		op := ops.Gather{Order: in.Below(examples, examples), Clock: in.Indices(uint32(clock)), Y: in.Result(rows * cols),
			Examples: examples, Rows: rows, Cols: cols, Stride: rows, Scale: 1}
		if kind == backend.U8 {
			op.Data, op.Scale = in.Bytes(examples*cols), 1.0/255
		} else {
			op.Data = in.Normal(examples*cols, 0, 1)
		}
		return op
	})}
}

func gatherLabelsCase(examples, rows, clock int) Case {
	return Case{Name: fmt.Sprintf("gather_labels %d of %d at %d", rows, examples, clock), Build: one(func(in *Inputs) ops.GatherLabels {
		return ops.GatherLabels{Labels: in.Below(examples, 10), Order: in.Below(examples, examples), Clock: in.Indices(uint32(clock)),
			Y: in.Indices(make([]uint32, rows)...), Examples: examples, Rows: rows, Stride: rows}
	})}
}

// gatherPart takes the last three of the eight examples of a step, of which the order has two.
func gatherPart() Case {
	return Case{Name: "gather a part of a step", Build: func(in *Inputs) []backend.Op {
		order, clock := in.Below(23, 30), in.Indices(2)
		return []backend.Op{
			ops.Gather{Data: in.Normal(30*5, 0, 1), Order: order, Clock: clock, Y: in.Result(3 * 5), Examples: 30, Rows: 3, Cols: 5, Stride: 8, First: 5, Scale: 1},
			ops.Gather{Data: in.Bytes(30 * 5), Order: order, Clock: clock, Y: in.Result(3 * 5), Examples: 30, Rows: 3, Cols: 5, Stride: 8, First: 5, Scale: 1},
			ops.GatherLabels{Labels: in.Below(30, 10), Order: order, Clock: clock, Y: in.Indices(0, 0, 0), Examples: 30, Rows: 3, Stride: 8, First: 5},
		}
	}}
}

// gatherLabelsPart is gatherPart's labels alone.
func gatherLabelsPart() Case {
	return Case{Name: "gather_labels of a part of a step", Build: one(func(in *Inputs) ops.GatherLabels {
		return ops.GatherLabels{Labels: in.Below(30, 10), Order: in.Below(30, 30), Clock: in.Indices(2), Y: in.Indices(0, 0, 0), Examples: 30, Rows: 3, Stride: 8, First: 5}
	})}
}

// gatherScaled scales floats.
func gatherScaled() Case {
	c := gatherCase(backend.F32, 9, 5, 21, 0)
	build := c.Build
	c.Name, c.Build = "gather f32 scaled", func(in *Inputs) []backend.Op {
		op := build(in)[0].(ops.Gather)
		op.Scale = 0.25
		return []backend.Op{op}
	}
	return c
}

// gatherTwoSteps takes two steps of eight examples with a smaller batch than the stride, and keeps the second.
func gatherTwoSteps() Case {
	return Case{Name: "gather with a clock that advances", Times: 2, Build: func(in *Inputs) []backend.Op {
		clock := in.Indices(0)
		return []backend.Op{
			ops.Gather{Data: in.Bytes(30 * 5), Order: in.Below(30, 30), Clock: clock, Y: in.Result(6 * 5),
				Examples: 30, Rows: 6, Cols: 5, Stride: 8, Scale: 0.5},
			ops.Advance{Clock: clock},
		}
	}}
}
