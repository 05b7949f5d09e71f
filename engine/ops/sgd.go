package ops

import "github.com/gradus-ml/gradus/engine/backend"

// SGDColumns is how many coefficients a step of SGD has: the learning rate η, the momentum μ and the decay δ.
const SGDColumns = 3

// SGD updates all parameters by gradient descent (Keras's SGD). With the factors φ and ψ of the parameter's block, see Factors:
//
//	without Velocity:  w ← w − ψ·δ·w − φ·η·g
//	with Velocity:     v ← μ·v − φ·η·g,   w ← w − ψ·δ·w + v
//	and Nesterov:      v ← μ·v − φ·η·g,   w ← w − ψ·δ·w + μ·v − φ·η·g
//
// Params, Grads and Velocity have N elements; Velocity may be the zero Region.
type SGD struct {
	Params, Grads, Velocity, Factors backend.Region
	Rates                            Rates
	N                                int
	Nesterov                         bool
}

// Name returns "sgd".
func (SGD) Name() string { return "sgd" }

// HasVelocity reports whether the update keeps a velocity.
func (o SGD) HasVelocity() bool { return o.Velocity.Buffer != nil }

// Check implements backend.Op.
func (o SGD) Check() error {
	c := checker{name: o.Name()}
	c.positive("n", o.N)
	c.f32(o.N, named{"params", o.Params}, named{"grads", o.Grads})
	c.f32(Factors(o.N), named{"factors", o.Factors})
	o.Rates.check(&c, SGDColumns)
	if o.HasVelocity() {
		c.f32(o.N, named{"velocity", o.Velocity})
	} else if o.Nesterov {
		c.fail("nesterov without a velocity")
	}
	return c.err
}

// Operands implements backend.Op.
func (o SGD) Operands() []backend.Operand {
	list := append([]backend.Operand{updates("params", o.Params), reads("grads", o.Grads)}, o.Rates.operands()...)
	list = append(list, reads("factors", o.Factors))
	if o.HasVelocity() {
		list = append(list, updates("velocity", o.Velocity))
	}
	return list
}

// Cost implements backend.Op.
func (o SGD) Cost() backend.Cost { return cost(o, 6*o.N) }
