package graph

import (
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

// Penalty returns l1·Σ|x| + l2·Σx² over all elements of x, as one number.
func Penalty(r *Recorder, x *Tensor, l1, l2 float32) *Tensor {
	n := x.Size()
	y := r.apply([]int{1}, []*Tensor{x}, func(*Tensor) func(backend.Region) {
		return func(dy backend.Region) {
			r.contribute(x, func(dx backend.Region) {
				r.Append(ops.PenaltyGrad{X: x.value, DSum: dy, DX: dx, N: n, L1: l1, L2: l2})
			})
		}
	})
	r.Append(ops.Penalty{X: x.value, Sum: y.value, N: n, L1: l1, L2: l2})
	return y
}

// Penalise adds a number to the loss of the step that is recorded, whatever the loss function: a layer's regulariser.
func (r *Recorder) Penalise(penalty *Tensor) { r.penalties = append(r.penalties, penalty) }

// Penalised returns the loss of each example, [batch], plus all that was penalised.
func (r *Recorder) Penalised(losses *Tensor) *Tensor {
	if len(r.penalties) == 0 {
		return losses
	}
	column := Reshape(r, losses, losses.Size(), 1)
	for _, p := range r.penalties {
		column = Bias(r, column, p)
	}
	return Reshape(r, column, losses.Size())
}
