package loss

import (
	"github.com/gradus-ml/gradus/engine/graph"
	"github.com/gradus-ml/gradus/engine/ops"
)

// Hinge is the mean of max(1 − t·y, 0) over an example's outputs, with targets −1 and 1; Squared takes the square (Keras's Hinge and
// SquaredHinge). Class numbers become −1 and 1; targets 0 and 1 do not, unlike in Keras, which looks at the values of each batch.
type Hinge struct{ Squared bool }

// Name returns "hinge" or "squared_hinge".
func (l Hinge) Name() string {
	if l.Squared {
		return "squared_hinge"
	}
	return "hinge"
}

// Record implements Loss.
func (l Hinge) Record(r *graph.Recorder, y, answers *graph.Tensor) *graph.Tensor {
	targets := graph.Targets(r, y, answers)
	if answers.Classes() {
		targets = graph.Affine(r, targets, 2, -1)
	}
	f := ops.Hinge
	if l.Squared {
		f = ops.SquaredHinge
	}
	return graph.PairLoss(r, y, targets, f)
}

// CategoricalHinge is max(0, 1 + the largest wrong score − the right one), with targets 1 for the right class and 0 for the others
// (Keras's class of this name).
type CategoricalHinge struct{}

// Name returns "categorical_hinge".
func (CategoricalHinge) Name() string { return "categorical_hinge" }

// Record implements Loss.
func (CategoricalHinge) Record(r *graph.Recorder, y, answers *graph.Tensor) *graph.Tensor {
	return graph.CategoricalHinge(r, y, graph.Targets(r, y, answers))
}
