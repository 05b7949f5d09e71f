package ops

import "github.com/gradus-ml/gradus/engine/backend"

// Gather copies the examples of the current step out of a resident data set:
//
//	y[r,c] = data[order[clock·Stride + First + r], c]·Scale
//
// Data is [Examples×Cols] in f32 or packed u8, Order [Positions] in u32 holds example numbers, Clock counts steps,
// Y is [Rows×Cols]. Stride is the batch size of a full step, First and Rows
// are the part of it that is taken. Positions beyond the
// end of Order repeat its last one, and example numbers beyond the last example mean the last: nothing is read out of bounds.
// A product with Scale 1 leaves floats as they are.
type Gather struct {
	Data, Order, Clock, Y               backend.Region
	Examples, Rows, Cols, Stride, First int
	Scale                               float32
}

// Name returns "gather".
func (Gather) Name() string { return "gather" }

// Check implements backend.Op.
func (o Gather) Check() error {
	c := checker{name: o.Name()}
	c.positive("examples", o.Examples)
	c.stride(o.Stride, o.First)
	c.matrix(o.Rows, o.Cols)
	c.product("examples × cols", o.Examples, o.Cols)
	c.order(o.Order)
	c.clock(o.Clock)
	if c.err == nil && (o.Data.Buffer == nil || o.Data.Kind() == backend.U32) {
		c.fail("data must be f32 or u8")
		return c.err
	}
	if c.err == nil {
		c.region("data", o.Data, o.Data.Kind(), o.Examples*o.Cols)
	}
	c.f32(o.Rows*o.Cols, named{"y", o.Y})
	return c.err
}

// Operands implements backend.Op.
func (o Gather) Operands() []backend.Operand {
	return []backend.Operand{reads("data", o.Data), reads("order", o.Order), reads("clock", o.Clock), writes("y", o.Y)}
}

// Cost implements backend.Op. Of the data set only the gathered rows count.
func (o Gather) Cost() backend.Cost {
	n := int64(o.Rows) * int64(o.Cols)
	return backend.Cost{FLOPs: n, Bytes: n*int64(o.Data.Kind().Size()) + 4*n + 4*int64(o.Rows) + 4}
}

// GatherLabels copies the labels of the current step: y[r] = labels[order[clock·Stride + First + r]].
// Labels is [Examples], Order [Positions], Y [Rows], all u32; positions as for Gather.
type GatherLabels struct {
	Labels, Order, Clock, Y       backend.Region
	Examples, Rows, Stride, First int
}

// Name returns "gather_labels".
func (GatherLabels) Name() string { return "gather_labels" }

// Check implements backend.Op.
func (o GatherLabels) Check() error {
	c := checker{name: o.Name()}
	c.positive("examples", o.Examples)
	c.positive("rows", o.Rows)
	c.stride(o.Stride, o.First)
	c.order(o.Order)
	c.clock(o.Clock)
	c.region("labels", o.Labels, backend.U32, o.Examples)
	c.region("y", o.Y, backend.U32, o.Rows)
	return c.err
}

// Operands implements backend.Op.
func (o GatherLabels) Operands() []backend.Operand {
	return []backend.Operand{reads("labels", o.Labels), reads("order", o.Order), reads("clock", o.Clock), writes("y", o.Y)}
}

// Cost implements backend.Op.
func (o GatherLabels) Cost() backend.Cost { return backend.Cost{Bytes: 12*int64(o.Rows) + 4} }

// stride asks for the positions of a step and the first of them that is taken.
func (c *checker) stride(stride, first int) {
	c.positive("stride", stride)
	if first < 0 || first >= stride {
		c.fail("first is %d, want 0 to %d", first, stride-1)
	}
}

// order asks for a list of example numbers.
func (c *checker) order(r backend.Region) {
	if c.err != nil {
		return
	}
	if err := r.Valid(); err != nil {
		c.fail("order: %v", err)
	} else if r.Kind() != backend.U32 {
		c.fail("order has %v elements, want u32", r.Kind())
	}
}
