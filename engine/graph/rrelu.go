package graph

import (
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

// RReLU returns x for x > 0, else a·x: while training, with a slope a for each element and step from the uniform distribution between
// lower and upper; otherwise with their mean.
func RReLU(r *Recorder, x *Tensor, lower, upper float32) *Tensor {
	if !r.Training() {
		return Activate(r, x, ops.ReLU, lower+(upper-lower)/2)
	}
	n, draw := x.Size(), r.Draw()
	y := r.apply(x.shape, []*Tensor{x}, func(*Tensor) func(backend.Region) {
		return func(dy backend.Region) {
			r.contribute(x, func(dx backend.Region) {
				r.Append(ops.RReLUGrad{X: x.value, DY: dy, DX: dx, Draw: draw, N: n, Lower: lower, Upper: upper})
			})
		}
	})
	r.Append(ops.RReLU{X: x.value, Y: y.value, Draw: draw, N: n, Lower: lower, Upper: upper})
	return y
}
