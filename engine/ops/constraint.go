package ops

import (
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/engine/backend"
)

// ConstraintKind is a way to keep weights within bounds.
type ConstraintKind uint8

// The kinds. n[c] = √Σ_r w[r,c]² is the norm of a column: the weights into one unit.
const (
	MaxNorm  ConstraintKind = iota // w[r,c] ← w[r,c]·min(1, Limit/n[c])
	UnitNorm                       // w[r,c] ← w[r,c]/(n[c] + 1e-7)
	NonNeg                         // w[r,c] ← max(w[r,c], 0)
)

// constraintNames follow Keras; their order is that of the constants.
var constraintNames = []string{"max_norm", "unit_norm", "non_neg"}

// ConstraintKinds lists every kind.
func ConstraintKinds() []ConstraintKind { return []ConstraintKind{MaxNorm, UnitNorm, NonNeg} }

// String returns Keras's name of the kind.
func (k ConstraintKind) String() string {
	if int(k) < len(constraintNames) {
		return constraintNames[k]
	}
	return fmt.Sprintf("ConstraintKind(%d)", uint8(k))
}

// Constraint changes weights so that they keep a bound (Keras's constraints, over axis 0). W is [Rows×Cols]; Limit is MaxNorm's.
type Constraint struct {
	W          backend.Region
	Rows, Cols int
	Kind       ConstraintKind
	Limit      float32
}

// Name returns "constraint".
func (Constraint) Name() string { return "constraint" }

// Check implements backend.Op.
func (o Constraint) Check() error {
	c := checker{name: o.Name()}
	c.matrix(o.Rows, o.Cols)
	if int(o.Kind) >= len(constraintNames) {
		c.fail("unknown kind %v", o.Kind)
	}
	if o.Kind == MaxNorm && !(o.Limit > 0 && o.Limit <= math.MaxFloat32) {
		c.fail("limit is %v, want a positive number", o.Limit)
	}
	c.f32(o.Rows*o.Cols, named{"w", o.W})
	return c.err
}

// Operands implements backend.Op.
func (o Constraint) Operands() []backend.Operand { return []backend.Operand{updates("w", o.W)} }

// Cost implements backend.Op.
func (o Constraint) Cost() backend.Cost { return cost(o, 3*o.Rows*o.Cols) }
