// Package metric holds what is measured while a model trains, besides its loss.
package metric

import "github.com/gradus-ml/gradus/engine/graph"

// A Metric is measured on the device, step by step. Metrics can be written outside this package.
type Metric interface {
	// Name is Keras's name of the metric: "accuracy".
	Name() string
	// Record returns the value of each example, [batch], from outputs y [batch out…] and what they should be: class numbers
	// [batch], or targets of the shape of y (graph.Labels and graph.Targets make the one of the other). The score is the mean over all examples.
	Record(r *graph.Recorder, y, answers *graph.Tensor) *graph.Tensor
}

// A Summary is a Metric that is not a mean. Its Record returns [rows sums]: the rows are added up over all steps, in float64 from step to step.
type Summary interface {
	Metric
	// Result makes the score of the sums and the number of examples that they are taken over.
	Result(sums []float64, examples int) float64
}
