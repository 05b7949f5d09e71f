package ops

import "github.com/gradus-ml/gradus/engine/backend"

// CrossEntropy is the loss of each example from its scores and its class (Keras's SparseCategoricalCrossentropy
// with from_logits, not yet averaged):
//
//	losses[r] = log Σ_j exp(x[r,j] − m[r]) + m[r] − x[r, labels[r]],   m[r] = max_j x[r,j]
//
// X is [Rows×Cols] in f32, Labels [Rows] in u32, Losses [Rows]. Labels must be below Cols: whoever uploads them checks.
// A larger one makes that row's loss NaN.
type CrossEntropy struct {
	X, Labels, Losses backend.Region
	Rows, Cols        int
}

// Name returns "crossentropy".
func (CrossEntropy) Name() string { return "crossentropy" }

// Check implements backend.Op.
func (o CrossEntropy) Check() error {
	c := checker{name: o.Name()}
	c.matrix(o.Rows, o.Cols)
	c.f32(o.Rows*o.Cols, named{"x", o.X})
	c.region("labels", o.Labels, backend.U32, o.Rows)
	c.f32(o.Rows, named{"losses", o.Losses})
	return c.err
}

// Operands implements backend.Op.
func (o CrossEntropy) Operands() []backend.Operand {
	return []backend.Operand{reads("x", o.X), reads("labels", o.Labels), writes("losses", o.Losses)}
}

// Cost implements backend.Op.
func (o CrossEntropy) Cost() backend.Cost { return cost(o, 4*o.Rows*o.Cols) }

// CrossEntropyGrad is the gradient of CrossEntropy, softmax and loss in one:
//
//	dx[r,c] = (softmax(x)[r,c] − [c = labels[r]])·dlosses[r]
//
// X and DX are [Rows×Cols], Labels [Rows] in u32. DLosses [Rows] is what each example weighs in the loss: 1/Rows for their
// mean.
type CrossEntropyGrad struct {
	X, Labels, DLosses, DX backend.Region
	Rows, Cols             int
}

// Name returns "crossentropy_grad".
func (CrossEntropyGrad) Name() string { return "crossentropy_grad" }

// Check implements backend.Op.
func (o CrossEntropyGrad) Check() error {
	c := checker{name: o.Name()}
	c.matrix(o.Rows, o.Cols)
	c.f32(o.Rows*o.Cols, named{"x", o.X}, named{"dx", o.DX})
	c.region("labels", o.Labels, backend.U32, o.Rows)
	c.f32(o.Rows, named{"dlosses", o.DLosses})
	return c.err
}

// Operands implements backend.Op.
func (o CrossEntropyGrad) Operands() []backend.Operand {
	return []backend.Operand{reads("x", o.X), reads("labels", o.Labels), reads("dlosses", o.DLosses), writes("dx", o.DX)}
}

// Cost implements backend.Op.
func (o CrossEntropyGrad) Cost() backend.Cost { return cost(o, 6*o.Rows*o.Cols) }
