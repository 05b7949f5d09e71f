package ops

import "github.com/gradus-ml/gradus/engine/backend"

// CategoricalHinge is the margin by which the best wrong score comes too near to the right one (Keras's CategoricalHinge):
// losses[r] = max(0, 1 + max_c((1 − t[r,c])·p[r,c]) − Σ_c t[r,c]·p[r,c]). P and T, 1 for the right class and 0 for the others, are [Rows×Cols],
// Losses [Rows].
type CategoricalHinge struct {
	P, T, Losses backend.Region
	Rows, Cols   int
}

// Name returns "categorical_hinge".
func (CategoricalHinge) Name() string { return "categorical_hinge" }

// Check implements backend.Op.
func (o CategoricalHinge) Check() error {
	c := checker{name: o.Name()}
	c.matrix(o.Rows, o.Cols)
	c.f32(o.Rows*o.Cols, named{"p", o.P}, named{"t", o.T})
	c.f32(o.Rows, named{"losses", o.Losses})
	return c.err
}

// Operands implements backend.Op.
func (o CategoricalHinge) Operands() []backend.Operand {
	return []backend.Operand{reads("p", o.P), reads("t", o.T), writes("losses", o.Losses)}
}

// Cost implements backend.Op.
func (o CategoricalHinge) Cost() backend.Cost { return cost(o, 5*o.Rows*o.Cols) }

// CategoricalHingeGrad is the gradient of CategoricalHinge with respect to the scores, where the loss is more than 0:
// dp[r,c] = dlosses[r]·((1 − t[r,c]) at the first c of the maximum, less t[r,c] everywhere). P, T and DP are [Rows×Cols], DLosses [Rows].
type CategoricalHingeGrad struct {
	P, T, DLosses, DP backend.Region
	Rows, Cols        int
}

// Name returns "categorical_hinge_grad".
func (CategoricalHingeGrad) Name() string { return "categorical_hinge_grad" }

// Check implements backend.Op.
func (o CategoricalHingeGrad) Check() error {
	c := checker{name: o.Name()}
	c.matrix(o.Rows, o.Cols)
	c.f32(o.Rows*o.Cols, named{"p", o.P}, named{"t", o.T}, named{"dp", o.DP})
	c.f32(o.Rows, named{"dlosses", o.DLosses})
	return c.err
}

// Operands implements backend.Op.
func (o CategoricalHingeGrad) Operands() []backend.Operand {
	return []backend.Operand{reads("p", o.P), reads("t", o.T), reads("dlosses", o.DLosses), writes("dp", o.DP)}
}

// Cost implements backend.Op.
func (o CategoricalHingeGrad) Cost() backend.Cost { return cost(o, 6*o.Rows*o.Cols) }
