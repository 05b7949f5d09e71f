package nn

import (
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/engine/graph"
	"github.com/gradus-ml/gradus/engine/ops"
)

// A Regularizer adds L1·Σ|x| + L2·Σx² to the loss, in training and in evaluation (Keras's L1, L2 and L1L2). For
// activities the sum is divided by the batch size.
type Regularizer struct{ L1, L2 float32 }

// L1 returns the regulariser l·Σ|x|, which drives weights to zero. Keras's default is 0.01.
func L1(l float32) Regularizer { return Regularizer{L1: l} }

// L2 returns the regulariser l·Σx², which keeps weights small. Keras's default is 0.01.
func L2(l float32) Regularizer { return Regularizer{L2: l} }

// L1L2 returns the regulariser l1·Σ|x| + l2·Σx².
func L1L2(l1, l2 float32) Regularizer { return Regularizer{l1, l2} }

func (g Regularizer) check(what string) error {
	if !(g.L1 >= 0 && g.L1 <= math.MaxFloat32) || !(g.L2 >= 0 && g.L2 <= math.MaxFloat32) {
		return fmt.Errorf("%s regulariser is l1 %v, l2 %v, want finite numbers of at least 0", what, g.L1, g.L2)
	}
	return nil
}

// penalise adds the regulariser's cost of x, divided by the share, to the loss.
func (g Regularizer) penalise(r *graph.Recorder, x *graph.Tensor, share int) {
	if g != (Regularizer{}) {
		r.Penalise(graph.Penalty(r, x, g.L1/float32(share), g.L2/float32(share)))
	}
}

// Regularisers as options of Dense: of the kernel, the bias, or the layer's outputs.
type (
	KernelRegularizer   Regularizer
	BiasRegularizer     Regularizer
	ActivityRegularizer Regularizer
)

func (g KernelRegularizer) dense(l *dense)   { l.regular.kernel = Regularizer(g) }
func (g BiasRegularizer) dense(l *dense)     { l.regular.bias = Regularizer(g) }
func (g ActivityRegularizer) dense(l *dense) { l.regular.activity = Regularizer(g) }

// regularizers are those of a Dense.
type regularizers struct{ kernel, bias, activity Regularizer }

func (g regularizers) check() error {
	for _, part := range []struct {
		what string
		Regularizer
	}{{"kernel", g.kernel}, {"bias", g.bias}, {"activity", g.activity}} {
		if err := part.check(part.what); err != nil {
			return err
		}
	}
	return nil
}

// A Constraint keeps the kernel of a Dense within bounds: it is applied after each update of the optimizer
// (Keras's kernel_constraint). As an option of Dense it is the kernel's.
type Constraint struct {
	kind  ops.ConstraintKind
	limit float32
	set   bool
}

// MaxNorm scales the weights into a unit down to the norm limit where theirs is larger. The limit is positive; Keras's default is 2.
func MaxNorm(limit float32) Constraint { return Constraint{ops.MaxNorm, limit, true} }

// The constraints without an option.
var (
	UnitNorm = Constraint{ops.UnitNorm, 0, true} // the weights into each unit have norm 1
	NonNeg   = Constraint{ops.NonNeg, 0, true}   // no weight is negative
)

func (c Constraint) dense(l *dense) { l.constraint = c }

func (c Constraint) check() error {
	if c.kind == ops.MaxNorm && c.set && !(c.limit > 0 && c.limit <= math.MaxFloat32) {
		return fmt.Errorf("max norm is %v, want a positive number", c.limit)
	}
	return nil
}

// on attaches the constraint to a variable of two axes.
func (c Constraint) on(v *graph.Variable) {
	if c.set {
		v.Constraint = &ops.Constraint{Rows: v.Shape[0], Cols: v.Shape[1], Kind: c.kind, Limit: c.limit}
	}
}
