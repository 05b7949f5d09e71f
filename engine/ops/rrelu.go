package ops

import (
	"math"

	"github.com/gradus-ml/gradus/engine/backend"
)

// RReLU is a leaky ReLU with random slopes: y[i] = x[i] for x[i] > 0, else a[i]·x[i]; NaN stays NaN. The slope
// a[i] = Lower + (Upper − Lower)·u comes from the uniform distribution, u being the upper 24 bits of the element's word, as a
// fraction (Xu, Wang, Chen and Li, "Empirical Evaluation of Rectified Activations in Convolutional Network", 2015). X and Y have N elements.
type RReLU struct {
	X, Y         backend.Region
	Draw         Draw
	N            int
	Lower, Upper float32
}

// Name returns "rrelu".
func (RReLU) Name() string { return "rrelu" }

// Check implements backend.Op.
func (o RReLU) Check() error {
	c := checker{name: o.Name()}
	c.positive("n", o.N)
	c.bounds(o.Lower, o.Upper)
	c.f32(o.N, named{"x", o.X}, named{"y", o.Y})
	c.clock(o.Draw.Clock)
	return c.err
}

// Operands implements backend.Op.
func (o RReLU) Operands() []backend.Operand {
	return []backend.Operand{reads("x", o.X), reads("clock", o.Draw.Clock), writes("y", o.Y)}
}

// Cost implements backend.Op.
func (o RReLU) Cost() backend.Cost { return cost(o, 3*o.N) }

// RReLUGrad is the gradient of RReLU with the same Draw: dx[i] = dy[i] for x[i] > 0, else a[i]·dy[i]; where x is NaN, so is dx.
// X, DY and DX have N elements.
type RReLUGrad struct {
	X, DY, DX    backend.Region
	Draw         Draw
	N            int
	Lower, Upper float32
}

// Name returns "rrelu_grad".
func (RReLUGrad) Name() string { return "rrelu_grad" }

// Check implements backend.Op.
func (o RReLUGrad) Check() error {
	c := checker{name: o.Name()}
	c.positive("n", o.N)
	c.bounds(o.Lower, o.Upper)
	c.f32(o.N, named{"x", o.X}, named{"dy", o.DY}, named{"dx", o.DX})
	c.clock(o.Draw.Clock)
	return c.err
}

// Operands implements backend.Op.
func (o RReLUGrad) Operands() []backend.Operand {
	return []backend.Operand{reads("x", o.X), reads("dy", o.DY), reads("clock", o.Draw.Clock), writes("dx", o.DX)}
}

// Cost implements backend.Op.
func (o RReLUGrad) Cost() backend.Cost { return cost(o, 3*o.N) }

// bounds asks for the ends of an interval.
func (c *checker) bounds(lower, upper float32) {
	c.finite("lower", lower)
	c.within("upper", upper, lower, math.MaxFloat32)
}
