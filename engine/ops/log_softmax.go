package ops

import "github.com/gradus-ml/gradus/engine/backend"

// LogSoftmax turns each row of scores into logarithms of probabilities: y[r,c] = x[r,c] − m[r] − ln Σ_j exp(x[r,j] − m[r])
// with m[r] = max_c x[r,c]; unlike the logarithm of Softmax, it is exact where a probability vanishes. X and Y are [Rows×Cols].
type LogSoftmax struct {
	X, Y       backend.Region
	Rows, Cols int
}

// Name returns "log_softmax".
func (LogSoftmax) Name() string { return "log_softmax" }

// Check implements backend.Op.
func (o LogSoftmax) Check() error {
	c := checker{name: o.Name()}
	c.matrix(o.Rows, o.Cols)
	c.f32(o.Rows*o.Cols, named{"x", o.X}, named{"y", o.Y})
	return c.err
}

// Operands implements backend.Op.
func (o LogSoftmax) Operands() []backend.Operand {
	return []backend.Operand{reads("x", o.X), writes("y", o.Y)}
}

// Cost implements backend.Op.
func (o LogSoftmax) Cost() backend.Cost { return cost(o, 5*o.Rows*o.Cols) }

// LogSoftmaxGrad is the gradient of LogSoftmax: dx[r,c] = dy[r,c] − exp(y[r,c])·Σ_j dy[r,j].
// Y, DY and DX are [Rows×Cols].
type LogSoftmaxGrad struct {
	Y, DY, DX  backend.Region
	Rows, Cols int
}

// Name returns "log_softmax_grad".
func (LogSoftmaxGrad) Name() string { return "log_softmax_grad" }

// Check implements backend.Op.
func (o LogSoftmaxGrad) Check() error {
	c := checker{name: o.Name()}
	c.matrix(o.Rows, o.Cols)
	c.f32(o.Rows*o.Cols, named{"y", o.Y}, named{"dy", o.DY}, named{"dx", o.DX})
	return c.err
}

// Operands implements backend.Op.
func (o LogSoftmaxGrad) Operands() []backend.Operand {
	return []backend.Operand{reads("y", o.Y), reads("dy", o.DY), writes("dx", o.DX)}
}

// Cost implements backend.Op.
func (o LogSoftmaxGrad) Cost() backend.Cost { return cost(o, 4*o.Rows*o.Cols) }
