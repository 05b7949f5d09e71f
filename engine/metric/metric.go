// Package metric holds what is measured while a model trains, besides its loss.
package metric

import "github.com/gradus-ml/gradus/engine/graph"

// A Metric is a mean over examples, computed on the device. Metrics can be written outside this package.
type Metric interface {
	// Name is Keras's name of the metric: "accuracy".
	Name() string
	// Record returns the value of each example, [batch], from outputs y [batch out…] and class numbers [batch].
	Record(r *graph.Recorder, y, labels *graph.Tensor) *graph.Tensor
}

// Accuracy is the share of examples whose most probable class is their label
// (Keras's SparseCategoricalAccuracy, shown as "accuracy"). Of equal probabilities the first counts.
type Accuracy struct{}

// Name returns "accuracy".
func (Accuracy) Name() string { return "accuracy" }

// Record implements Metric. It compares the scores before a Softmax, which keep apart what Softmax rounds to equal.
func (Accuracy) Record(r *graph.Recorder, y, labels *graph.Tensor) *graph.Tensor {
	if scores, ok := y.Logits(); ok {
		y = scores
	}
	return graph.Accuracy(r, y, graph.Labels(r, labels), 1)
}
