package loss

import (
	"math"

	"github.com/gradus-ml/gradus/engine/graph"
	"github.com/gradus-ml/gradus/engine/ops"
)

// targeted is what the losses that compare outputs with targets, numbers of the same shape, have in common.
type targeted struct{}

// WantsTargets tells the engine that the loss compares with data.Set.Targets, not with class labels.
func (targeted) WantsTargets() {}

// MeanSquaredError is the mean of (y − t)² over an example's outputs (Keras's class of this name).
type MeanSquaredError struct{ targeted }

// Name returns "mean_squared_error".
func (MeanSquaredError) Name() string { return "mean_squared_error" }

// Record implements Loss.
func (MeanSquaredError) Record(r *graph.Recorder, y, targets *graph.Tensor) *graph.Tensor {
	return graph.PairLoss(r, y, targets, ops.SquaredError, 0)
}

// MeanAbsoluteError is the mean of |y − t| over an example's outputs (Keras's class of this name).
type MeanAbsoluteError struct{ targeted }

// Name returns "mean_absolute_error".
func (MeanAbsoluteError) Name() string { return "mean_absolute_error" }

// Record implements Loss.
func (MeanAbsoluteError) Record(r *graph.Recorder, y, targets *graph.Tensor) *graph.Tensor {
	return graph.PairLoss(r, y, targets, ops.AbsoluteError, 0)
}

// MeanSquaredLogarithmicError is the mean of (log(1 + y) − log(1 + t))² over an example's outputs, neither below 1e-7 (Keras's class
// of this name).
type MeanSquaredLogarithmicError struct{ targeted }

// Name returns "mean_squared_logarithmic_error".
func (MeanSquaredLogarithmicError) Name() string { return "mean_squared_logarithmic_error" }

// Record implements Loss.
func (MeanSquaredLogarithmicError) Record(r *graph.Recorder, y, targets *graph.Tensor) *graph.Tensor {
	return graph.PairLoss(r, y, targets, ops.SquaredLogarithmicError, 0)
}

// Huber is half the square of y − t up to Delta and linear beyond, as a mean over an example's outputs (Huber, 1964; Keras's class of
// this name).
type Huber struct {
	targeted
	Delta float32 // positive; zero means 1
}

// Name returns "huber".
func (Huber) Name() string { return "huber" }

// Record implements Loss.
func (l Huber) Record(r *graph.Recorder, y, targets *graph.Tensor) *graph.Tensor {
	delta := l.Delta
	if delta == 0 {
		delta = 1
	}
	if !(delta > 0 && delta <= math.MaxFloat32) {
		r.Fail("loss: huber: delta is %v, want a positive number", l.Delta)
	}
	return graph.PairLoss(r, y, targets, ops.Huber, delta)
}

// LogCosh is the mean of log cosh(y − t) over an example's outputs: about a square near 0, about linear far off (Keras's class of this name).
type LogCosh struct{ targeted }

// Name returns "log_cosh".
func (LogCosh) Name() string { return "log_cosh" }

// Record implements Loss.
func (LogCosh) Record(r *graph.Recorder, y, targets *graph.Tensor) *graph.Tensor {
	return graph.PairLoss(r, y, targets, ops.LogCosh, 0)
}

// BinaryCrossentropy is the mean of −t·log y − (1 − t)·log(1 − y) over an example's outputs, probabilities clipped to 1e-7 from 0
// and 1, with targets from 0 to 1 (Keras's class of this name). FromLogits says that the outputs are scores z with
// y = 1/(1 + e⁻ᶻ), which is exact for large ones.
type BinaryCrossentropy struct {
	targeted
	FromLogits bool
}

// Name returns "binary_crossentropy".
func (BinaryCrossentropy) Name() string { return "binary_crossentropy" }

// Record implements Loss.
func (l BinaryCrossentropy) Record(r *graph.Recorder, y, targets *graph.Tensor) *graph.Tensor {
	if l.FromLogits {
		return graph.PairLoss(r, y, targets, ops.BinaryCrossentropyOfLogits, 0)
	}
	return graph.PairLoss(r, y, targets, ops.BinaryCrossentropy, 0)
}

// Hinge is the mean of max(1 − t·y, 0) over an example's outputs, with targets −1 and 1; Squared takes the square (Keras's Hinge and
// SquaredHinge; Keras also takes 0 for −1).
type Hinge struct {
	targeted
	Squared bool
}

// Name returns "hinge" or "squared_hinge".
func (l Hinge) Name() string {
	if l.Squared {
		return "squared_hinge"
	}
	return "hinge"
}

// Record implements Loss.
func (l Hinge) Record(r *graph.Recorder, y, targets *graph.Tensor) *graph.Tensor {
	if l.Squared {
		return graph.PairLoss(r, y, targets, ops.SquaredHinge, 0)
	}
	return graph.PairLoss(r, y, targets, ops.Hinge, 0)
}
