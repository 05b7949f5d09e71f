package ops

import "github.com/gradus-ml/gradus/engine/backend"

// Transpose exchanges the rows and columns of every matrix of a batch:
//
//	y[b,c,r] = x[b,r,c],  x [Batch×Rows×Cols], y [Batch×Cols×Rows]
//
// Its gradient is itself, with rows and columns exchanged. x and y are different buffers.
type Transpose struct {
	X, Y              backend.Region
	Batch, Rows, Cols int
}

// Name returns "transpose".
func (Transpose) Name() string { return "transpose" }

// Check implements backend.Op.
func (o Transpose) Check() error {
	c := checker{name: o.Name()}
	c.matrix(o.Rows, o.Cols)
	c.positive("batch", o.Batch)
	c.product("batch × rows·cols", o.Batch, o.Rows*o.Cols)
	c.f32(o.Batch*o.Rows*o.Cols, named{"x", o.X}, named{"y", o.Y})
	return c.err
}

// Operands implements backend.Op.
func (o Transpose) Operands() []backend.Operand {
	return []backend.Operand{reads("x", o.X), writes("y", o.Y)}
}

// Cost implements backend.Op.
func (o Transpose) Cost() backend.Cost {
	return backend.Cost{Bytes: 8 * int64(o.Batch) * int64(o.Rows) * int64(o.Cols)}
}
