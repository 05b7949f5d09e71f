package graph

import "github.com/gradus-ml/gradus/engine/ops"

// Augment fetches each image of x, [images rows cols channels], through a map that is drawn for it anew in each step; see ops.Augment, of which the
// options are given. It is made for a network's inputs: nothing that is trained may lie before it, since it has no gradient.
func Augment(r *Recorder, x *Tensor, o ops.Augment) *Tensor {
	if x.needs {
		r.Fail("graph: augment: it has no gradient, and layers before it are trained: want it behind the input")
		return x
	}
	y := r.temporary(o.Images, o.OutRows, o.OutCols, o.Channels)
	o.X, o.Y, o.Draw = x.value, y.value, r.Draw()
	r.Append(o)
	return y
}
