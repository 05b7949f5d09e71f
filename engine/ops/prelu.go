package ops

import "github.com/gradus-ml/gradus/engine/backend"

// PReLU is a leaky ReLU with slopes that are learned: y[r,c,i] = x[r,c,i] for x > 0, else alpha[c]·x[r,c,i]; NaN stays NaN
// (He, Zhang, Ren and Sun, "Delving Deep into Rectifiers", 2015). X and Y are [Rows×Cols×Inner], Alpha [Cols]: the axes before and after
// Cols share a slope.
type PReLU struct {
	X, Alpha, Y       backend.Region
	Rows, Cols, Inner int
}

// Name returns "prelu".
func (PReLU) Name() string { return "prelu" }

// Check implements backend.Op.
func (o PReLU) Check() error {
	c := checker{name: o.Name()}
	c.blocks(o.Rows, o.Cols, o.Inner)
	c.f32(o.Rows*o.Cols*o.Inner, named{"x", o.X}, named{"y", o.Y})
	c.f32(o.Cols, named{"alpha", o.Alpha})
	return c.err
}

// Operands implements backend.Op.
func (o PReLU) Operands() []backend.Operand {
	return []backend.Operand{reads("x", o.X), reads("alpha", o.Alpha), writes("y", o.Y)}
}

// Cost implements backend.Op.
func (o PReLU) Cost() backend.Cost { return cost(o, 2*o.Rows*o.Cols*o.Inner) }

// PReLUGrad is the gradient of PReLU with respect to x: dx[r,c,i] = dy[r,c,i] for x > 0, else alpha[c]·dy[r,c,i]; where x is NaN, so
// is dx. X, DY and DX are [Rows×Cols×Inner], Alpha [Cols].
type PReLUGrad struct {
	X, DY, Alpha, DX  backend.Region
	Rows, Cols, Inner int
}

// Name returns "prelu_grad".
func (PReLUGrad) Name() string { return "prelu_grad" }

// Check implements backend.Op.
func (o PReLUGrad) Check() error {
	c := checker{name: o.Name()}
	c.blocks(o.Rows, o.Cols, o.Inner)
	c.f32(o.Rows*o.Cols*o.Inner, named{"x", o.X}, named{"dy", o.DY}, named{"dx", o.DX})
	c.f32(o.Cols, named{"alpha", o.Alpha})
	return c.err
}

// Operands implements backend.Op.
func (o PReLUGrad) Operands() []backend.Operand {
	return []backend.Operand{reads("x", o.X), reads("dy", o.DY), reads("alpha", o.Alpha), writes("dx", o.DX)}
}

// Cost implements backend.Op.
func (o PReLUGrad) Cost() backend.Cost { return cost(o, 2*o.Rows*o.Cols*o.Inner) }

// PReLUAlphaGrad is the gradient of PReLU with respect to its slopes: dalpha[c] = Σ_r,i dy[r,c,i]·x[r,c,i] over x ≤ 0.
// X and DY are [Rows×Cols×Inner], DAlpha [Cols].
type PReLUAlphaGrad struct {
	X, DY, DAlpha     backend.Region
	Rows, Cols, Inner int
}

// Name returns "prelu_alpha_grad".
func (PReLUAlphaGrad) Name() string { return "prelu_alpha_grad" }

// Check implements backend.Op.
func (o PReLUAlphaGrad) Check() error {
	c := checker{name: o.Name()}
	c.blocks(o.Rows, o.Cols, o.Inner)
	c.f32(o.Rows*o.Cols*o.Inner, named{"x", o.X}, named{"dy", o.DY})
	c.f32(o.Cols, named{"dalpha", o.DAlpha})
	return c.err
}

// Operands implements backend.Op.
func (o PReLUAlphaGrad) Operands() []backend.Operand {
	return []backend.Operand{reads("x", o.X), reads("dy", o.DY), writes("dalpha", o.DAlpha)}
}

// Cost implements backend.Op.
func (o PReLUAlphaGrad) Cost() backend.Cost { return cost(o, 2*o.Rows*o.Cols*o.Inner) }

// blocks asks that the sizes are positive and that their product is small enough to index.
func (c *checker) blocks(rows, cols, inner int) {
	c.matrix(rows, cols)
	c.positive("inner", inner)
	c.product("rows·cols × inner", rows*cols, inner)
}
