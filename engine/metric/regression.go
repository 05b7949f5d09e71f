package metric

import (
	"math"

	"github.com/gradus-ml/gradus/engine/graph"
	"github.com/gradus-ml/gradus/engine/ops"
)

// MeanAbsoluteError is the mean of |y − t| over all outputs (Keras's class of this name).
type MeanAbsoluteError struct{}

// Name returns "mean_absolute_error".
func (MeanAbsoluteError) Name() string { return "mean_absolute_error" }

// Record implements Metric.
func (MeanAbsoluteError) Record(r *graph.Recorder, y, answers *graph.Tensor) *graph.Tensor {
	return graph.PairLoss(r, y, graph.Targets(r, y, answers), ops.AbsoluteError)
}

// MeanSquaredError is the mean of (y − t)² over all outputs (Keras's class of this name).
type MeanSquaredError struct{}

// Name returns "mean_squared_error".
func (MeanSquaredError) Name() string { return "mean_squared_error" }

// Record implements Metric.
func (MeanSquaredError) Record(r *graph.Recorder, y, answers *graph.Tensor) *graph.Tensor {
	return squares(r, y, answers)
}

func squares(r *graph.Recorder, y, answers *graph.Tensor) *graph.Tensor {
	return graph.PairLoss(r, y, graph.Targets(r, y, answers), ops.SquaredError)
}

// RootMeanSquaredError is the square root of the mean of (y − t)² over all outputs (Keras's class of this name).
type RootMeanSquaredError struct{}

// Name returns "root_mean_squared_error".
func (RootMeanSquaredError) Name() string { return "root_mean_squared_error" }

// Record implements Metric.
func (RootMeanSquaredError) Record(r *graph.Recorder, y, answers *graph.Tensor) *graph.Tensor {
	return graph.Reshape(r, squares(r, y, answers), y.Shape()[0], 1)
}

// Result implements Summary.
func (RootMeanSquaredError) Result(sums []float64, examples int) float64 {
	return math.Sqrt(sums[0] / float64(examples))
}

// R2 is 1 − Σ(t − y)²/Σ(t − mean t)² over all examples, as a mean over the outputs: 1 where all is explained, 0 for the mean (Keras's
// R2Score). An output whose targets are all alike counts 0. Squares of targets are float32: where the mean of the targets is 100 times
// their standard deviation the score is good to about 1e-4, at 1000 times to about 1e-3, and beyond it is of no use. Centre such targets.
type R2 struct{}

// Name returns "r2_score".
func (R2) Name() string { return "r2_score" }

// Record implements Metric: (t − y)², t and t² of each output.
func (R2) Record(r *graph.Recorder, y, answers *graph.Tensor) *graph.Tensor {
	rows := y.Shape()[0]
	flat := func(x *graph.Tensor) *graph.Tensor { return graph.Reshape(r, x, rows, x.Size()/rows) }
	t := flat(graph.Targets(r, y, answers))
	d := graph.WeightedSum(r, 1, flat(y), -1, t)
	return graph.Concatenate(r, 1, graph.Combine(r, ops.Product, d, d), t, graph.Combine(r, ops.Product, t, t))
}

// Result implements Summary.
func (R2) Result(sums []float64, examples int) float64 {
	outputs, mean := len(sums)/3, 0.0
	for c := range outputs {
		residual, t, squares := sums[c], sums[outputs+c], sums[2*outputs+c]
		spread := squares - t*t/float64(examples)
		if spread > 0 {
			mean += (1 - residual/spread) / float64(outputs)
		}
	}
	return mean
}
