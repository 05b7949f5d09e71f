package graph

import (
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

// Transpose exchanges the last two axes: x [batch rows cols], y [batch cols rows]. See ops.Transpose.
func Transpose(r *Recorder, x *Tensor) *Tensor {
	if len(x.shape) != 3 {
		r.Fail("graph: transpose: shape is %v, want [batch rows cols]", x.shape)
		return x
	}
	op := ops.Transpose{Batch: x.shape[0], Rows: x.shape[1], Cols: x.shape[2]}
	y := r.apply([]int{op.Batch, op.Cols, op.Rows}, []*Tensor{x}, func(*Tensor) func(backend.Region) {
		return func(dy backend.Region) {
			r.contribute(x, func(dx backend.Region) {
				r.Append(ops.Transpose{X: dy, Y: dx, Batch: op.Batch, Rows: op.Cols, Cols: op.Rows})
			})
		}
	})
	op.X, op.Y = x.value, y.value
	r.Append(op)
	return y
}
