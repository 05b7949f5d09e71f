package ops

import "github.com/gradus-ml/gradus/engine/backend"

// Advance ends a step: clock ← clock + 1. Clock is one u32.
type Advance struct {
	Clock backend.Region
}

// Name returns "advance".
func (Advance) Name() string { return "advance" }

// Check implements backend.Op.
func (o Advance) Check() error {
	c := checker{name: o.Name()}
	c.clock(o.Clock)
	return c.err
}

// Operands implements backend.Op.
func (o Advance) Operands() []backend.Operand { return []backend.Operand{updates("clock", o.Clock)} }

// Cost implements backend.Op.
func (o Advance) Cost() backend.Cost { return cost(o, 0) }
