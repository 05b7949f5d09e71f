package ops

import "github.com/gradus-ml/gradus/engine/backend"

// AverageColumns is how many coefficients a step of Average has: α.
const AverageColumns = 1

// Average moves averages towards values: y ← y + α·(x − y), where α is the step's coefficient. X and Y have N elements.
type Average struct {
	X, Y  backend.Region
	Rates Rates
	N     int
}

// Name returns "average".
func (Average) Name() string { return "average" }

// Check implements backend.Op.
func (o Average) Check() error {
	c := checker{name: o.Name()}
	c.positive("n", o.N)
	c.f32(o.N, named{"x", o.X}, named{"y", o.Y})
	o.Rates.check(&c, AverageColumns)
	return c.err
}

// Operands implements backend.Op.
func (o Average) Operands() []backend.Operand {
	return append([]backend.Operand{reads("x", o.X), updates("y", o.Y)}, o.Rates.operands()...)
}

// Cost implements backend.Op.
func (o Average) Cost() backend.Cost { return cost(o, 3*o.N) }
