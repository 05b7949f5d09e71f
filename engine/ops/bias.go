package ops

import "github.com/gradus-ml/gradus/engine/backend"

// Bias adds one value per column: y[r,c] = x[r,c] + bias[c]. X and Y are [Rows×Cols], Bias [Cols].
type Bias struct {
	X, Bias, Y backend.Region
	Rows, Cols int
}

// Name returns "bias".
func (Bias) Name() string { return "bias" }

// Check implements backend.Op.
func (o Bias) Check() error {
	c := checker{name: o.Name()}
	c.matrix(o.Rows, o.Cols)
	c.f32(o.Rows*o.Cols, named{"x", o.X}, named{"y", o.Y})
	c.f32(o.Cols, named{"bias", o.Bias})
	return c.err
}

// Operands implements backend.Op.
func (o Bias) Operands() []backend.Operand {
	return []backend.Operand{reads("x", o.X), reads("bias", o.Bias), writes("y", o.Y)}
}

// Cost implements backend.Op.
func (o Bias) Cost() backend.Cost { return cost(o, o.Rows*o.Cols) }

// BiasGrad is the gradient of Bias with respect to its bias, the sum of each column:
// dbias[c] = Σ_r dy[r,c]. DY is [Rows×Cols], DBias [Cols].
type BiasGrad struct {
	DY, DBias  backend.Region
	Rows, Cols int
}

// Name returns "bias_grad".
func (BiasGrad) Name() string { return "bias_grad" }

// Check implements backend.Op.
func (o BiasGrad) Check() error {
	c := checker{name: o.Name()}
	c.matrix(o.Rows, o.Cols)
	c.f32(o.Rows*o.Cols, named{"dy", o.DY})
	c.f32(o.Cols, named{"dbias", o.DBias})
	return c.err
}

// Operands implements backend.Op.
func (o BiasGrad) Operands() []backend.Operand {
	return []backend.Operand{reads("dy", o.DY), writes("dbias", o.DBias)}
}

// Cost implements backend.Op.
func (o BiasGrad) Cost() backend.Cost { return cost(o, o.Rows*o.Cols) }
