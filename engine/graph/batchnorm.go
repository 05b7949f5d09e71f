package graph

import (
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

// Normalization is what a BatchNorm needs besides its input: four tensors of [cols] and two options.
type Normalization struct {
	Gamma, Beta, MovingMean, MovingVariance *Tensor
	Momentum, Epsilon                       float32
	// Frozen uses the moving averages while training too, and leaves them; gamma and beta get no gradient.
	Frozen bool
}

// BatchNorm normalises x along its last axis. While training it uses the statistics of the batch and moves the moving
// averages; otherwise, and when it is frozen, it uses the moving averages. The formulas are those of ops.BatchNorm and
// ops.BatchNormInference.
func BatchNorm(r *Recorder, x *Tensor, n Normalization) *Tensor {
	rows, cols := x.matrix()
	for _, t := range []*Tensor{n.Gamma, n.Beta, n.MovingMean, n.MovingVariance} {
		if t.Size() != cols {
			r.Fail("graph: batchnorm: variables are %v, want [%d] for an input of %v", t.shape, cols, x.shape)
		}
	}
	if r.Training() && !n.Frozen {
		return batchNormTraining(r, x, n, rows, cols)
	}
	y := r.apply(x.shape, []*Tensor{x}, func(*Tensor) func(backend.Region) {
		return func(dy backend.Region) {
			r.contribute(x, func(dx backend.Region) {
				r.Append(ops.BatchNormInferenceGrad{DY: dy, Gamma: n.Gamma.value, MovingVariance: n.MovingVariance.value, DX: dx,
					Rows: rows, Cols: cols, Epsilon: n.Epsilon})
			})
		}
	})
	r.Append(ops.BatchNormInference{X: x.value, Gamma: n.Gamma.value, Beta: n.Beta.value,
		MovingMean: n.MovingMean.value, MovingVariance: n.MovingVariance.value, Y: y.value,
		Rows: rows, Cols: cols, Epsilon: n.Epsilon})
	return y
}

func batchNormTraining(r *Recorder, x *Tensor, n Normalization, rows, cols int) *Tensor {
	mean, invStd := r.temporary(cols), r.temporary(cols)
	y := r.apply(x.shape, []*Tensor{x, n.Gamma, n.Beta}, func(*Tensor) func(backend.Region) {
		return func(dy backend.Region) {
			op := ops.BatchNormGrad{X: x.value, DY: dy, Gamma: n.Gamma.value, Mean: mean.value, InvStd: invStd.value,
				Rows: rows, Cols: cols}
			r.contributeOr(n.Beta, func(dbeta backend.Region) {
				op.DBeta = dbeta
				r.contributeOr(n.Gamma, func(dgamma backend.Region) {
					op.DGamma = dgamma
					r.contributeOr(x, func(dx backend.Region) {
						op.DX = dx
						r.Append(op)
					})
				})
			})
		}
	})
	r.Append(ops.BatchNorm{X: x.value, Gamma: n.Gamma.value, Beta: n.Beta.value,
		MovingMean: n.MovingMean.value, MovingVariance: n.MovingVariance.value,
		Y: y.value, Mean: mean.value, InvStd: invStd.value,
		Rows: rows, Cols: cols, Momentum: n.Momentum, Epsilon: n.Epsilon})
	return y
}
