package graph

import (
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

// PairLoss returns, for each example, [rows], a function of its predictions and targets, both [rows …], as a mean over its outputs or a sum; see
// ops.PairFunction. The options are the function's Alpha and Gamma, as far as it has them. The targets get no gradient.
func PairLoss(r *Recorder, p, targets *Tensor, f ops.PairFunction, options ...float32) *Tensor {
	var given [2]float32
	copy(given[:], options)
	rows := p.shape[0]
	op := ops.PairLoss{P: p.value, T: targets.value, Rows: rows, Cols: p.Size() / rows, Function: f, Alpha: given[0], Gamma: given[1]}
	r.sameSize("pair_loss", p, targets)
	y := r.apply([]int{rows}, []*Tensor{p}, func(*Tensor) func(backend.Region) {
		return func(dy backend.Region) {
			r.contribute(p, func(dp backend.Region) {
				r.Append(ops.PairLossGrad{P: op.P, T: op.T, DLosses: dy, DP: dp, Rows: rows, Cols: op.Cols, Function: f, Alpha: op.Alpha, Gamma: op.Gamma})
			})
		}
	})
	op.Losses = y.value
	r.Append(op)
	return y
}

// CategoricalHinge returns the loss of each example, [rows], from scores and targets, both [rows classes]; see ops.CategoricalHinge.
func CategoricalHinge(r *Recorder, p, targets *Tensor) *Tensor {
	rows, cols := p.matrix()
	r.sameSize("categorical_hinge", p, targets)
	y := r.apply([]int{rows}, []*Tensor{p}, func(*Tensor) func(backend.Region) {
		return func(dy backend.Region) {
			r.contribute(p, func(dp backend.Region) {
				r.Append(ops.CategoricalHingeGrad{P: p.value, T: targets.value, DLosses: dy, DP: dp, Rows: rows, Cols: cols})
			})
		}
	})
	r.Append(ops.CategoricalHinge{P: p.value, T: targets.value, Losses: y.value, Rows: rows, Cols: cols})
	return y
}

func (r *Recorder) sameSize(name string, p, targets *Tensor) {
	if targets.Size() != p.Size() || targets.Classes() {
		r.Fail("graph: %s: targets are %v, want numbers of the shape of the outputs, %v", name, targets.shape, p.shape)
	}
}
