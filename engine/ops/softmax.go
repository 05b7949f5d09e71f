package ops

import "github.com/gradus-ml/gradus/engine/backend"

// Softmax turns each row of scores into probabilities: y[r,c] = exp(x[r,c] − m[r]) / Σ_j exp(x[r,j] − m[r])
// with m[r] = max_c x[r,c], so that no score overflows. X and Y are [Rows×Cols].
type Softmax struct {
	X, Y       backend.Region
	Rows, Cols int
}

// Name returns "softmax".
func (Softmax) Name() string { return "softmax" }

// Check implements backend.Op.
func (o Softmax) Check() error {
	c := checker{name: o.Name()}
	c.matrix(o.Rows, o.Cols)
	c.f32(o.Rows*o.Cols, named{"x", o.X}, named{"y", o.Y})
	return c.err
}

// Operands implements backend.Op.
func (o Softmax) Operands() []backend.Operand {
	return []backend.Operand{reads("x", o.X), writes("y", o.Y)}
}

// Cost implements backend.Op.
func (o Softmax) Cost() backend.Cost { return cost(o, 5*o.Rows*o.Cols) }

// SoftmaxGrad is the gradient of Softmax: dx[r,c] = y[r,c]·(dy[r,c] − Σ_j dy[r,j]·y[r,j]).
// Y, DY and DX are [Rows×Cols].
type SoftmaxGrad struct {
	Y, DY, DX  backend.Region
	Rows, Cols int
}

// Name returns "softmax_grad".
func (SoftmaxGrad) Name() string { return "softmax_grad" }

// Check implements backend.Op.
func (o SoftmaxGrad) Check() error {
	c := checker{name: o.Name()}
	c.matrix(o.Rows, o.Cols)
	c.f32(o.Rows*o.Cols, named{"y", o.Y}, named{"dy", o.DY}, named{"dx", o.DX})
	return c.err
}

// Operands implements backend.Op.
func (o SoftmaxGrad) Operands() []backend.Operand {
	return []backend.Operand{reads("y", o.Y), reads("dy", o.DY), writes("dx", o.DX)}
}

// Cost implements backend.Op.
func (o SoftmaxGrad) Cost() backend.Cost { return cost(o, 4*o.Rows*o.Cols) }
