package metric

import (
	"github.com/gradus-ml/gradus/engine/graph"
	"github.com/gradus-ml/gradus/engine/ops"
)

// Accuracy is the share of right answers, as Keras's "accuracy" chooses it: for several outputs, the share of examples whose most probable class,
// of equals the first, is their label or their largest target (SparseCategoricalAccuracy, CategoricalAccuracy); for a single output,
// BinaryAccuracy.
type Accuracy struct{}

// Name returns "accuracy".
func (Accuracy) Name() string { return "accuracy" }

// Record implements Metric.
func (Accuracy) Record(r *graph.Recorder, y, answers *graph.Tensor) *graph.Tensor {
	if y.Size() == y.Shape()[0] {
		return BinaryAccuracy{}.Record(r, y, answers)
	}
	return best(r, y, answers, 1)
}

// best compares the scores before a Softmax, which keep apart what Softmax rounds to equal.
func best(r *graph.Recorder, y, answers *graph.Tensor, k int) *graph.Tensor {
	if scores, ok := y.Logits(); ok {
		y = scores
	}
	return graph.Accuracy(r, y, graph.Labels(r, answers), k)
}

// TopKCategoricalAccuracy is the share of examples whose label, or largest target, is among the K most probable classes (Keras's
// TopKCategoricalAccuracy and SparseTopKCategoricalAccuracy).
type TopKCategoricalAccuracy struct {
	K int // at least 1; zero means 5
}

// Name returns "top_k_categorical_accuracy".
func (TopKCategoricalAccuracy) Name() string { return "top_k_categorical_accuracy" }

// Record implements Metric.
func (m TopKCategoricalAccuracy) Record(r *graph.Recorder, y, answers *graph.Tensor) *graph.Tensor {
	k := m.K
	if k == 0 {
		k = 5
	}
	if classes := y.Size() / y.Shape()[0]; k < 1 || k > classes {
		r.Fail("metric: %s: K is %d, want 1 to %d, the number of classes", m.Name(), m.K, classes)
		k = 1
	}
	return best(r, y, answers, k)
}

// BinaryAccuracy is the share of outputs that exceed the threshold where the target is 1 and do not where it is 0 (Keras's class of this name).
type BinaryAccuracy struct {
	Threshold  float32 // 0 to 1; zero means 0.5
	FromLogits bool    // the outputs are scores z of the probability 1/(1 + e⁻ᶻ)
}

// Name returns "binary_accuracy".
func (BinaryAccuracy) Name() string { return "binary_accuracy" }

// Record implements Metric.
func (m BinaryAccuracy) Record(r *graph.Recorder, y, answers *graph.Tensor) *graph.Tensor {
	p, threshold := cut{m.Threshold, m.FromLogits}.of(r, m, y)
	return graph.PairLoss(r, p, graph.Targets(r, p, answers), ops.BinaryAccuracy, threshold)
}

// cut is from which probability on an output means yes.
type cut struct {
	threshold  float32
	fromLogits bool
}

// of returns probabilities and threshold.
func (t cut) of(r *graph.Recorder, m Metric, y *graph.Tensor) (p *graph.Tensor, threshold float32) {
	if !(t.threshold >= 0 && t.threshold <= 1) {
		r.Fail("metric: %s: the threshold is %v, want 0 to 1", m.Name(), t.threshold)
	}
	threshold = t.threshold
	if threshold == 0 {
		threshold = 0.5
	}
	return probabilities(r, y, t.fromLogits), threshold
}

func probabilities(r *graph.Recorder, y *graph.Tensor, fromLogits bool) *graph.Tensor {
	if fromLogits {
		return graph.Activate(r, y, ops.Sigmoid)
	}
	return y
}
