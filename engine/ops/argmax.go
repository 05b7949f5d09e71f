package ops

import "github.com/gradus-ml/gradus/engine/backend"

// ArgMax finds the column of each row's largest score, the first of equals; Cols, which is none, where a score is NaN.
// X is [Rows×Cols], Labels [Rows] in u32.
type ArgMax struct {
	X, Labels  backend.Region
	Rows, Cols int
}

// Name returns "argmax".
func (ArgMax) Name() string { return "argmax" }

// Check implements backend.Op.
func (o ArgMax) Check() error {
	c := checker{name: o.Name()}
	c.matrix(o.Rows, o.Cols)
	c.f32(o.Rows*o.Cols, named{"x", o.X})
	c.region("labels", o.Labels, backend.U32, o.Rows)
	return c.err
}

// Operands implements backend.Op.
func (o ArgMax) Operands() []backend.Operand {
	return []backend.Operand{reads("x", o.X), writes("labels", o.Labels)}
}

// Cost implements backend.Op.
func (o ArgMax) Cost() backend.Cost { return cost(o, o.Rows*o.Cols) }
