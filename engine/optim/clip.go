package optim

import (
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

// Clipped is an optimizer whose gradients are clipped first: by value if Value is set (Keras's clipvalue), then by the norm of all of
// them together if GlobalNorm is (Keras's global_clipnorm; Pascanu, Mikolov and Bengio, 2013). Zero means not to clip.
//
//	optim.Clipped{Optimizer: optim.Adam{}, GlobalNorm: 1}
type Clipped struct {
	Optimizer
	Value, GlobalNorm float32
}

// Unwrap returns the optimizer whose gradients are clipped.
func (o Clipped) Unwrap() Optimizer { return o.Optimizer }

// Check implements Optimizer.
func (o Clipped) Check() error {
	switch {
	case o.Optimizer == nil:
		return fmt.Errorf("optim: Clipped: no optimizer")
	case !(o.Value >= 0 && o.Value <= math.MaxFloat32):
		return fmt.Errorf("optim: %s: clip value is %v, want more than 0, or 0 for none", o.Name(), o.Value)
	case !(o.GlobalNorm >= 0 && o.GlobalNorm <= math.MaxFloat32):
		return fmt.Errorf("optim: %s: global clip norm is %v, want more than 0, or 0 for none", o.Name(), o.GlobalNorm)
	}
	return o.Optimizer.Check()
}

// Record implements Optimizer.
func (o Clipped) Record(u Update) ([]backend.Op, error) {
	var list []backend.Op
	if o.Value > 0 {
		list = append(list, ops.Clip{Grads: u.Grads, N: u.Grads.Len, Limit: o.Value})
	}
	if o.GlobalNorm > 0 {
		squares := u.Memory.Of(0)
		list = append(list,
			ops.Penalty{X: u.Grads, Sum: squares, N: u.Grads.Len, L2: 1}, // the sum of squares
			ops.Clip{Grads: u.Grads, Squares: squares, N: u.Grads.Len, Limit: o.GlobalNorm, Norm: true})
	}
	rest, err := o.Optimizer.Record(u)
	return append(list, rest...), err
}
