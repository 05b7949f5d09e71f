package graph

import (
	"slices"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

// PReLU returns x for x > 0, else alpha·x. The axes of alpha are the last of x, of the same length, or of length 1 where
// the slopes are shared; those of another length than 1 must be neighbours.
func PReLU(r *Recorder, x, alpha *Tensor) *Tensor {
	rows, cols, inner, ok := Shared(x.shape, alpha.shape)
	if !ok {
		r.Fail("graph: prelu: alpha is %v, want the last axes of %v, or 1 for those before or after", alpha.shape, x.shape)
	}
	y := r.apply(x.shape, []*Tensor{x, alpha}, func(*Tensor) func(backend.Region) {
		return func(dy backend.Region) {
			r.contribute(alpha, func(dalpha backend.Region) {
				r.Append(ops.PReLUAlphaGrad{X: x.value, DY: dy, DAlpha: dalpha, Rows: rows, Cols: cols, Inner: inner})
			})
			r.contribute(x, func(dx backend.Region) {
				r.Append(ops.PReLUGrad{X: x.value, DY: dy, Alpha: alpha.value, DX: dx, Rows: rows, Cols: cols, Inner: inner})
			})
		}
	})
	r.Append(ops.PReLU{X: x.value, Alpha: alpha.value, Y: y.value, Rows: rows, Cols: cols, Inner: inner})
	return y
}

// Shared splits a shape for a part of it that is shared over some axes: the part has the shape's last axes, or 1 for
// those that share it. Then the shape is rows × cols × inner, with a value for each of cols. ok is false where the
// part does not fit, or where a shared axis lies between two that are not.
func Shared(shape, part []int) (rows, cols, inner int, ok bool) {
	rows, cols, inner, ok = 1, 1, 1, len(part) <= len(shape)
	if !ok {
		return
	}
	part = append(slices.Repeat([]int{1}, len(shape)-len(part)), part...)
	for i, n := range shape {
		switch {
		case n == 1 && part[i] == 1:
		case part[i] == 1 && cols == 1:
			rows *= n
		case part[i] == 1:
			inner *= n
		case part[i] == n && inner == 1:
			cols *= n
		default:
			return rows, cols, inner, false
		}
	}
	return
}
