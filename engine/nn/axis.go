package nn

import (
	"slices"

	"github.com/gradus-ml/gradus/engine/graph"
)

// Axis is the axis of its input that a BatchNorm keeps apart (Keras's axis): 1 is the first of an example, since 0 is the batch, and −1
// the last, which is the default.
type Axis int

func (a Axis) batchNormalization(l *batchNormalization) { l.axis = a }

// index returns the axis as an index of an example's shape of so many axes.
func (a Axis) index(axes int) (at int, ok bool) {
	switch {
	case a == 0 || int(a) > axes || int(a) < -axes:
		return 0, false
	case a < 0:
		return axes + int(a), true
	}
	return int(a) - 1, true
}

// asLast calls f with the tensor whose axis is the last and returns the result in the shape of x. The axis has
// inner elements behind each of its indices.
func asLast(r *graph.Recorder, x *graph.Tensor, length, inner int, f func(*graph.Tensor) *graph.Tensor) *graph.Tensor {
	if inner == 1 && x.Shape()[len(x.Shape())-1] == length {
		return f(x)
	}
	shape := slices.Clone(x.Shape())
	y := graph.Reshape(r, x, x.Size()/(length*inner), length, inner)
	return graph.Reshape(r, graph.Transpose(r, f(graph.Transpose(r, y))), shape...)
}
