package ops

import "github.com/gradus-ml/gradus/engine/backend"

// Peak keeps the largest magnitude that each column has had: peak[c] ← max(peak[c], max_r |x[r,c]|). One NaN makes it NaN for good.
// A unit whose peak over a data set is 0 is dead. X is [Rows×Cols], Peak [Cols].
type Peak struct {
	X, Peak    backend.Region
	Rows, Cols int
}

// Name returns "peak".
func (Peak) Name() string { return "peak" }

// Check implements backend.Op.
func (o Peak) Check() error {
	c := checker{name: o.Name()}
	c.matrix(o.Rows, o.Cols)
	c.f32(o.Rows*o.Cols, named{"x", o.X})
	c.f32(o.Cols, named{"peak", o.Peak})
	return c.err
}

// Operands implements backend.Op.
func (o Peak) Operands() []backend.Operand {
	return []backend.Operand{reads("x", o.X), updates("peak", o.Peak)}
}

// Cost implements backend.Op.
func (o Peak) Cost() backend.Cost { return cost(o, o.Rows*o.Cols) }
