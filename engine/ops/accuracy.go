package ops

import "github.com/gradus-ml/gradus/engine/backend"

// Accuracy tells which examples were classified correctly: correct[r] = 1 where the score in column labels[r] is among the K largest of
// row r, the first of equals before the others, else 0; 0 where a score is NaN.
// X is [Rows×Cols] of scores or probabilities, Labels [Rows] in u32, Correct [Rows] in f32.
type Accuracy struct {
	X, Labels, Correct backend.Region
	Rows, Cols, K      int
}

// Name returns "accuracy".
func (Accuracy) Name() string { return "accuracy" }

// Check implements backend.Op.
func (o Accuracy) Check() error {
	c := checker{name: o.Name()}
	c.matrix(o.Rows, o.Cols)
	c.positive("k", o.K)
	c.f32(o.Rows*o.Cols, named{"x", o.X})
	c.region("labels", o.Labels, backend.U32, o.Rows)
	c.f32(o.Rows, named{"correct", o.Correct})
	return c.err
}

// Operands implements backend.Op.
func (o Accuracy) Operands() []backend.Operand {
	return []backend.Operand{reads("x", o.X), reads("labels", o.Labels), writes("correct", o.Correct)}
}

// Cost implements backend.Op.
func (o Accuracy) Cost() backend.Cost { return cost(o, o.Rows*o.Cols) }
