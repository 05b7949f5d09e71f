package graph

import (
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

// LayerNorm normalises x along its last axis, each row by itself, and multiplies by gamma, [cols]; see ops.LayerNorm.
func LayerNorm(r *Recorder, x, gamma *Tensor, epsilon float32) *Tensor {
	return layerNorm(r, x, gamma, ops.LayerNorm{Epsilon: epsilon})
}

// RMSNorm is LayerNorm that does not take off the mean.
func RMSNorm(r *Recorder, x, gamma *Tensor, epsilon float32) *Tensor {
	return layerNorm(r, x, gamma, ops.LayerNorm{Epsilon: epsilon, RMS: true})
}

func layerNorm(r *Recorder, x, gamma *Tensor, op ops.LayerNorm) *Tensor {
	op.Rows, op.Cols = x.matrix()
	if gamma.Size() != op.Cols {
		r.Fail("graph: layernorm: gamma is %v, want [%d] for an input of %v", gamma.shape, op.Cols, x.shape)
	}
	mean, invStd := r.temporary(op.Rows), r.temporary(op.Rows)
	y := r.apply(x.shape, []*Tensor{x, gamma}, func(*Tensor) func(backend.Region) {
		return func(dy backend.Region) {
			r.contribute(gamma, func(dgamma backend.Region) {
				r.Append(ops.LayerNormScaleGrad{X: x.value, DY: dy, Mean: mean.value, InvStd: invStd.value, DGamma: dgamma,
					Rows: op.Rows, Cols: op.Cols})
			})
			r.contribute(x, func(dx backend.Region) {
				r.Append(ops.LayerNormGrad{X: x.value, DY: dy, Gamma: gamma.value, Mean: mean.value, InvStd: invStd.value, DX: dx,
					Rows: op.Rows, Cols: op.Cols, RMS: op.RMS})
			})
		}
	})
	op.X, op.Gamma, op.Y, op.Mean, op.InvStd = x.value, gamma.value, y.value, mean.value, invStd.value
	r.Append(op)
	return y
}
