package ops

import (
	"math"

	"github.com/gradus-ml/gradus/engine/backend"
)

// Clip bounds gradients, all of them at once: by value, g ← min(max(g, −Limit), Limit), or, with Norm, by their norm,
// g ← g·min(1, Limit/√squares), where Squares holds Σ g² (Pascanu, Mikolov and Bengio, 2013). NaN stays NaN.
// Grads has N elements, Squares one; without Norm it is the zero Region.
type Clip struct {
	Grads, Squares backend.Region
	N              int
	Limit          float32
	Norm           bool
}

// Name returns "clip".
func (Clip) Name() string { return "clip" }

// Check implements backend.Op.
func (o Clip) Check() error {
	c := checker{name: o.Name()}
	c.positive("n", o.N)
	if !(o.Limit > 0 && o.Limit <= math.MaxFloat32) {
		c.fail("limit is %v, want a positive number", o.Limit)
	}
	c.f32(o.N, named{"grads", o.Grads})
	if o.Norm {
		c.f32(1, named{"squares", o.Squares})
	}
	return c.err
}

// Operands implements backend.Op.
func (o Clip) Operands() []backend.Operand {
	list := []backend.Operand{updates("grads", o.Grads)}
	if o.Norm {
		list = append(list, reads("squares", o.Squares))
	}
	return list
}

// Cost implements backend.Op.
func (o Clip) Cost() backend.Cost { return cost(o, 2*o.N) }
