package ops

import "github.com/gradus-ml/gradus/engine/backend"

// OneHot writes class numbers as targets: y[r,c] = 1 where labels[r] is First + c, else 0. Labels is [Rows] in u32, Y [Rows×Cols]. With one
// column and First 1, labels 0 and 1 become the numbers 0 and 1.
type OneHot struct {
	Labels, Y         backend.Region
	Rows, Cols, First int
}

// Name returns "one_hot".
func (OneHot) Name() string { return "one_hot" }

// Check implements backend.Op.
func (o OneHot) Check() error {
	c := checker{name: o.Name()}
	c.matrix(o.Rows, o.Cols)
	if o.First < 0 || o.First > maxElements {
		c.fail("first is %d, want 0 to %d", o.First, maxElements)
	}
	c.region("labels", o.Labels, backend.U32, o.Rows)
	c.f32(o.Rows*o.Cols, named{"y", o.Y})
	return c.err
}

// Operands implements backend.Op.
func (o OneHot) Operands() []backend.Operand {
	return []backend.Operand{reads("labels", o.Labels), writes("y", o.Y)}
}

// Cost implements backend.Op.
func (o OneHot) Cost() backend.Cost { return cost(o, 0) }
