package ops

import "github.com/gradus-ml/gradus/engine/backend"

// Accumulate adds to what is there: y[i] ← y[i] + x[i]. A tensor that is used several times receives the second and
// each later part of its gradient so. X and Y have N elements.
type Accumulate struct {
	X, Y backend.Region
	N    int
}

// Name returns "accumulate".
func (Accumulate) Name() string { return "accumulate" }

// Check implements backend.Op.
func (o Accumulate) Check() error {
	c := checker{name: o.Name()}
	c.positive("n", o.N)
	c.f32(o.N, named{"x", o.X}, named{"y", o.Y})
	return c.err
}

// Operands implements backend.Op.
func (o Accumulate) Operands() []backend.Operand {
	return []backend.Operand{reads("x", o.X), updates("y", o.Y)}
}

// Cost implements backend.Op.
func (o Accumulate) Cost() backend.Cost { return cost(o, o.N) }
