package ops

import "github.com/gradus-ml/gradus/engine/backend"

// SGD updates all parameters by gradient descent (Keras's SGD). With the rate η = rates[min(clock, Steps−1)]:
//
//	without Velocity:  w ← w − η·g
//	with Velocity:     v ← Momentum·v − η·g,   w ← w + v
//	and Nesterov:      v ← Momentum·v − η·g,   w ← w + Momentum·v − η·g
//
// Params, Grads and Velocity have N elements; Velocity may be the zero Region, and then Momentum must be 0.
// Rates is [Steps], the learning rate of each step.
type SGD struct {
	Params, Grads, Velocity, Rates, Clock backend.Region
	N, Steps                              int
	Momentum                              float32
	Nesterov                              bool
}

// Name returns "sgd".
func (SGD) Name() string { return "sgd" }

// HasVelocity reports whether the update keeps a velocity.
func (o SGD) HasVelocity() bool { return o.Velocity.Buffer != nil }

// Check implements backend.Op.
func (o SGD) Check() error {
	c := checker{name: o.Name()}
	c.positive("n", o.N)
	c.positive("steps", o.Steps)
	c.within("momentum", o.Momentum, 0, 1)
	c.f32(o.N, named{"params", o.Params}, named{"grads", o.Grads})
	c.f32(o.Steps, named{"rates", o.Rates})
	c.clock(o.Clock)
	if o.HasVelocity() {
		c.f32(o.N, named{"velocity", o.Velocity})
	} else if o.Momentum != 0 || o.Nesterov {
		c.fail("momentum %v, nesterov %v without a velocity", o.Momentum, o.Nesterov)
	}
	return c.err
}

// Operands implements backend.Op.
func (o SGD) Operands() []backend.Operand {
	list := []backend.Operand{updates("params", o.Params), reads("grads", o.Grads), reads("rates", o.Rates), reads("clock", o.Clock)}
	if o.HasVelocity() {
		list = append(list, updates("velocity", o.Velocity))
	}
	return list
}

// Cost implements backend.Op.
func (o SGD) Cost() backend.Cost { return cost(o, 4*o.N) }
