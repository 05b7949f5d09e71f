// Package loss holds what a model is trained to make small.
package loss

import (
	"fmt"

	"github.com/gradus-ml/gradus/engine/graph"
)

// A Loss compares a network's outputs with the labels. Losses can be written outside this package.
type Loss interface {
	// Name is Keras's name of the loss in snake case.
	Name() string
	// Record returns the loss of each example, [batch], from outputs y [batch out…] and class numbers [batch].
	// A model minimises the mean.
	Record(r *graph.Recorder, y, labels *graph.Tensor) *graph.Tensor
}

// SparseCategoricalCrossentropy is −log p[label] for a network that gives the probabilities p of classes numbered from 0
// (Keras's class of this name). It is computed from the scores before the Softmax that the network ends in, which
// is exact where p underflows; FromLogits says that the network ends in the scores themselves.
type SparseCategoricalCrossentropy struct {
	FromLogits bool
}

// Name returns "sparse_categorical_crossentropy".
func (SparseCategoricalCrossentropy) Name() string { return "sparse_categorical_crossentropy" }

// Record implements Loss.
func (l SparseCategoricalCrossentropy) Record(r *graph.Recorder, y, labels *graph.Tensor) *graph.Tensor {
	scores, ok := y.Logits()
	switch {
	case l.FromLogits && ok:
		r.Fail("loss: %s: FromLogits is set, but the network ends in Softmax", l.Name())
	case l.FromLogits:
		scores = y
	case !ok:
		r.Fail("loss: %s: the network does not end in Softmax, want nn.Softmax as its last activation, or FromLogits", l.Name())
		scores = y
	}
	if n := len(y.Shape()); n != 2 {
		r.Fail("loss: %s: outputs are %v, want [batch classes]", l.Name(), fmt.Sprint(y.Shape()))
	}
	return graph.CrossEntropy(r, scores, labels)
}
