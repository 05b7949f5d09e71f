package ops

import "github.com/gradus-ml/gradus/engine/backend"

// Blend adds two tensors with weights: y ← Alpha·x + Beta·y. X and Y have N elements.
type Blend struct {
	X, Y        backend.Region
	N           int
	Alpha, Beta float64
}

// Name returns "blend".
func (Blend) Name() string { return "blend" }

// Check implements backend.Op.
func (o Blend) Check() error {
	c := checker{name: o.Name()}
	c.positive("n", o.N)
	c.real("alpha", o.Alpha)
	c.real("beta", o.Beta)
	c.f32(o.N, named{"x", o.X}, named{"y", o.Y})
	return c.err
}

// Operands implements backend.Op.
func (o Blend) Operands() []backend.Operand {
	return []backend.Operand{reads("x", o.X), updates("y", o.Y)}
}

// Cost implements backend.Op.
func (o Blend) Cost() backend.Cost { return cost(o, 3*o.N) }
