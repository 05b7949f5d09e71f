package graph

import (
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

// Peak returns the largest magnitude that each element of an example has had in all runs of the step, [batch shape…] giving [shape…]; see
// ops.Peak. It has no gradient.
func Peak(r *Recorder, x *Tensor) *Tensor {
	rows := x.shape[0]
	cols := x.Size() / rows
	y := r.Constant(make([]float32, cols), x.shape[1:]...)
	r.Append(ops.Peak{X: x.value, Peak: y.value, Rows: rows, Cols: cols})
	return y
}

// SumOfSquares returns Σ x[i]², [1], of a region such as a gradient. It has no gradient.
func SumOfSquares(r *Recorder, x backend.Region) *Tensor {
	y := r.temporary(1)
	r.Append(ops.Penalty{X: x, Sum: y.value, N: x.Len, L2: 1})
	return y
}
