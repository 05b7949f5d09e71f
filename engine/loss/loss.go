// Package loss holds what a model is trained to make small.
package loss

import (
	"math"
	"slices"

	"github.com/gradus-ml/gradus/engine/graph"
	"github.com/gradus-ml/gradus/engine/ops"
)

// A Loss compares a network's outputs with what they should be. Losses can be written outside this package.
type Loss interface {
	// Name is Keras's name of the loss in snake case.
	Name() string
	// Record returns the loss of each example, [batch], from outputs y [batch out…] and what they should be: class numbers [batch], or
	// targets of the shape of y (graph.Targets makes targets of either). A model minimises the mean, each example times its weight.
	Record(r *graph.Recorder, y, answers *graph.Tensor) *graph.Tensor
}

// pair records a function of outputs and targets.
func pair(r *graph.Recorder, y, answers *graph.Tensor, f ops.PairFunction, options ...float32) *graph.Tensor {
	return graph.PairLoss(r, y, graph.Targets(r, y, answers), f, options...)
}

// within refuses an option out of range.
func within(r *graph.Recorder, l Loss, option string, v, low, high float32) {
	if !(v >= low && v <= high) {
		r.Fail("loss: %s: %s is %v, want %v to %v", l.Name(), option, v, low, high)
	}
}

// or is the option, or its default where it is zero.
func or(v, otherwise float32) float32 {
	if v == 0 {
		return otherwise
	}
	return v
}

// MeanSquaredError is the mean of (y − t)² over an example's outputs (Keras's class of this name).
type MeanSquaredError struct{}

// Name returns "mean_squared_error".
func (MeanSquaredError) Name() string { return "mean_squared_error" }

// Record implements Loss.
func (MeanSquaredError) Record(r *graph.Recorder, y, answers *graph.Tensor) *graph.Tensor {
	return pair(r, y, answers, ops.SquaredError)
}

// MeanAbsoluteError is the mean of |y − t| over an example's outputs (Keras's class of this name).
type MeanAbsoluteError struct{}

// Name returns "mean_absolute_error".
func (MeanAbsoluteError) Name() string { return "mean_absolute_error" }

// Record implements Loss.
func (MeanAbsoluteError) Record(r *graph.Recorder, y, answers *graph.Tensor) *graph.Tensor {
	return pair(r, y, answers, ops.AbsoluteError)
}

// MeanAbsolutePercentageError is the mean of 100·|y − t|/max(|t|, 1e-7) over an example's outputs (Keras's class of this name).
type MeanAbsolutePercentageError struct{}

// Name returns "mean_absolute_percentage_error".
func (MeanAbsolutePercentageError) Name() string { return "mean_absolute_percentage_error" }

// Record implements Loss.
func (MeanAbsolutePercentageError) Record(r *graph.Recorder, y, answers *graph.Tensor) *graph.Tensor {
	return pair(r, y, answers, ops.AbsolutePercentageError)
}

// MeanSquaredLogarithmicError is the mean of (log(1 + y) − log(1 + t))² over an example's outputs, neither taken below 1e-7 (Keras's class
// of this name).
type MeanSquaredLogarithmicError struct{}

// Name returns "mean_squared_logarithmic_error".
func (MeanSquaredLogarithmicError) Name() string { return "mean_squared_logarithmic_error" }

// Record implements Loss.
func (MeanSquaredLogarithmicError) Record(r *graph.Recorder, y, answers *graph.Tensor) *graph.Tensor {
	return pair(r, y, answers, ops.SquaredLogarithmicError)
}

// Huber is half the square of y − t up to Delta and linear beyond, as a mean over an example's outputs (Huber, 1964; Keras's class of
// this name).
type Huber struct {
	Delta float32 // more than 0; zero means 1
}

// Name returns "huber".
func (Huber) Name() string { return "huber" }

// Record implements Loss.
func (l Huber) Record(r *graph.Recorder, y, answers *graph.Tensor) *graph.Tensor {
	within(r, l, "delta", l.Delta, 0, math.MaxFloat32)
	return pair(r, y, answers, ops.Huber, or(l.Delta, 1))
}

// LogCosh is the mean of log cosh(y − t) over an example's outputs: about a square near 0, about linear far off (Keras's class of this name).
type LogCosh struct{}

// Name returns "log_cosh".
func (LogCosh) Name() string { return "log_cosh" }

// Record implements Loss.
func (LogCosh) Record(r *graph.Recorder, y, answers *graph.Tensor) *graph.Tensor {
	return pair(r, y, answers, ops.LogCosh)
}

// Poisson is the mean of y − t·log(y + 1e-7) over an example's outputs, for counts t and rates y (Keras's class of this name).
type Poisson struct{}

// Name returns "poisson".
func (Poisson) Name() string { return "poisson" }

// Record implements Loss.
func (Poisson) Record(r *graph.Recorder, y, answers *graph.Tensor) *graph.Tensor {
	return pair(r, y, answers, ops.Poisson)
}

// KLDivergence is Σ t·log(t/y) over an example's outputs, both probabilities, clipped to 1e-7 to 1 (Kullback and Leibler, 1951; Keras's
// class of this name).
type KLDivergence struct{}

// Name returns "kl_divergence".
func (KLDivergence) Name() string { return "kl_divergence" }

// Record implements Loss.
func (KLDivergence) Record(r *graph.Recorder, y, answers *graph.Tensor) *graph.Tensor {
	return pair(r, y, answers, ops.KLDivergence)
}

// CosineSimilarity is −Σ t·y/(‖t‖·‖y‖) over an example's outputs: −1 where outputs and targets point the same way, whatever their length
// (Keras's class of this name). The squares of the norms are taken as at least about 1e-12.
type CosineSimilarity struct{}

// Name returns "cosine_similarity".
func (CosineSimilarity) Name() string { return "cosine_similarity" }

// Record implements Loss. A row over its root mean square is √n times the row over its norm.
func (CosineSimilarity) Record(r *graph.Recorder, y, answers *graph.Tensor) *graph.Tensor {
	n := y.Size() / y.Shape()[0]
	ones := r.Constant(slices.Repeat([]float32{1}, n), n)
	direction := func(x *graph.Tensor) *graph.Tensor {
		return graph.RMSNorm(r, graph.Reshape(r, x, y.Shape()[0], n), ones, 1e-12/float32(n))
	}
	targets := graph.Targets(r, y, answers)
	return graph.Affine(r, graph.PairLoss(r, direction(y), direction(targets), ops.NegativeProduct), 1/float32(n), 0)
}
