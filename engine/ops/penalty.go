package ops

import (
	"math"

	"github.com/gradus-ml/gradus/engine/backend"
)

// Penalty is what large values cost: sum = L1·Σ|x| + L2·Σ x², the regularisers of Keras. X has N elements, Sum one.
type Penalty struct {
	X, Sum backend.Region
	N      int
	L1, L2 float32
}

// Name returns "penalty".
func (Penalty) Name() string { return "penalty" }

// Check implements backend.Op.
func (o Penalty) Check() error {
	c := checker{name: o.Name()}
	c.positive("n", o.N)
	c.within("l1", o.L1, 0, math.MaxFloat32)
	c.within("l2", o.L2, 0, math.MaxFloat32)
	c.f32(o.N, named{"x", o.X})
	c.f32(1, named{"sum", o.Sum})
	return c.err
}

// Operands implements backend.Op.
func (o Penalty) Operands() []backend.Operand {
	return []backend.Operand{reads("x", o.X), writes("sum", o.Sum)}
}

// Cost implements backend.Op.
func (o Penalty) Cost() backend.Cost { return cost(o, 4*o.N) }

// PenaltyGrad is the gradient of Penalty: dx = dsum·(L1·sign x + 2·L2·x), with sign 0 = 0. X and DX have N elements, DSum one.
type PenaltyGrad struct {
	X, DSum, DX backend.Region
	N           int
	L1, L2      float32
}

// Name returns "penalty_grad".
func (PenaltyGrad) Name() string { return "penalty_grad" }

// Check implements backend.Op.
func (o PenaltyGrad) Check() error {
	c := checker{name: o.Name()}
	c.positive("n", o.N)
	c.within("l1", o.L1, 0, math.MaxFloat32)
	c.within("l2", o.L2, 0, math.MaxFloat32)
	c.f32(o.N, named{"x", o.X}, named{"dx", o.DX})
	c.f32(1, named{"dsum", o.DSum})
	return c.err
}

// Operands implements backend.Op.
func (o PenaltyGrad) Operands() []backend.Operand {
	return []backend.Operand{reads("x", o.X), reads("dsum", o.DSum), writes("dx", o.DX)}
}

// Cost implements backend.Op.
func (o PenaltyGrad) Cost() backend.Cost { return cost(o, 4*o.N) }
