package loss

import (
	"math"

	"github.com/gradus-ml/gradus/engine/graph"
	"github.com/gradus-ml/gradus/engine/ops"
)

// from says what a network with an output for each class gives, if not the probabilities of the Softmax that it ends in.
type from struct{ logits, probabilities bool }

// scores returns what a Softmax was or is to be applied to; ok is false for probabilities that come from elsewhere.
func (f from) scores(r *graph.Recorder, l Loss, y *graph.Tensor) (scores *graph.Tensor, ok bool) {
	if n := len(y.Shape()); n != 2 || y.Shape()[1] < 2 {
		r.Fail("loss: %s: outputs are %v, want [batch classes] with 2 classes or more", l.Name(), y.Shape())
	}
	scores, softmax := y.Logits()
	switch {
	case f.logits && f.probabilities:
		r.Fail("loss: %s: FromLogits and FromProbabilities are both set", l.Name())
		return y, true
	case f.logits && softmax:
		r.Fail("loss: %s: FromLogits is set, but the network ends in Softmax", l.Name())
	case f.logits:
		return y, true
	case f.probabilities:
		return nil, false
	case !softmax:
		r.Fail("loss: %s: the network does not end in Softmax, want nn.Softmax as its last activation, or FromLogits or FromProbabilities", l.Name())
		return y, true
	}
	return scores, true
}

// SparseCategoricalCrossentropy is −log p[label] for a network that gives the probabilities p of classes numbered from 0
// (Keras's class of this name). It is computed from the scores before the Softmax that the network ends in, which is exact where p
// underflows. FromProbabilities, they are clipped to 1e-7 from 0 and 1, and must sum to 1 (Keras divides them by their sum).
type SparseCategoricalCrossentropy struct {
	FromLogits        bool // the network gives the scores themselves, without Softmax
	FromProbabilities bool // its probabilities come from something else than a Softmax at its end
}

// Name returns "sparse_categorical_crossentropy".
func (SparseCategoricalCrossentropy) Name() string { return "sparse_categorical_crossentropy" }

// Record implements Loss.
func (l SparseCategoricalCrossentropy) Record(r *graph.Recorder, y, answers *graph.Tensor) *graph.Tensor {
	if !answers.Classes() {
		r.Fail("loss: %s: the data set has targets, want labels (or CategoricalCrossentropy)", l.Name())
		return y
	}
	scores, ok := from{l.FromLogits, l.FromProbabilities}.scores(r, l, y)
	if ok {
		return graph.CrossEntropy(r, scores, answers)
	}
	return pair(r, y, answers, ops.Crossentropy)
}

// CategoricalCrossentropy is −Σ t·log p over the classes, for targets that are probabilities themselves (Keras's class of this name);
// class numbers mean 1 for the class. LabelSmoothing s makes (1 − s)·t + s/classes of them. Probabilities from elsewhere
// are as in SparseCategoricalCrossentropy.
type CategoricalCrossentropy struct {
	FromLogits        bool    // the network gives the scores themselves, without Softmax
	FromProbabilities bool    // its probabilities come from something else than a Softmax at its end
	LabelSmoothing    float32 // 0 to 1
}

// Name returns "categorical_crossentropy".
func (CategoricalCrossentropy) Name() string { return "categorical_crossentropy" }

// Record implements Loss.
func (l CategoricalCrossentropy) Record(r *graph.Recorder, y, answers *graph.Tensor) *graph.Tensor {
	within(r, l, "label smoothing", l.LabelSmoothing, 0, 1)
	scores, ok := from{l.FromLogits, l.FromProbabilities}.scores(r, l, y)
	targets := smooth(r, y, answers, l.LabelSmoothing)
	if ok {
		return graph.PairLoss(r, graph.LogSoftmax(r, scores), targets, ops.NegativeProduct)
	}
	return graph.PairLoss(r, y, targets, ops.Crossentropy)
}

// smooth mixes the targets with the same probability for each output; with a single one, with ½.
func smooth(r *graph.Recorder, y, answers *graph.Tensor, share float32) *graph.Tensor {
	outputs := y.Shape()[len(y.Shape())-1]
	return graph.Affine(r, graph.Targets(r, y, answers), 1-share, share/float32(max(2, outputs)))
}

// CategoricalFocalCrossentropy is −Σ Alpha·(1 − p)^Gamma·t·log p over the classes: cross-entropy in which what is right already counts
// less (Lin et al., 2017; Keras's class of this name). LabelSmoothing is CategoricalCrossentropy's.
type CategoricalFocalCrossentropy struct {
	Alpha, Gamma      float32 // at least 0; zeros mean 0.25 and 2
	FromLogits        bool    // the network gives the scores themselves, without Softmax
	FromProbabilities bool    // its probabilities come from something else than a Softmax at its end
	LabelSmoothing    float32 // 0 to 1
}

// Name returns "categorical_focal_crossentropy".
func (CategoricalFocalCrossentropy) Name() string { return "categorical_focal_crossentropy" }

// Record implements Loss.
func (l CategoricalFocalCrossentropy) Record(r *graph.Recorder, y, answers *graph.Tensor) *graph.Tensor {
	within(r, l, "alpha", l.Alpha, 0, math.MaxFloat32)
	within(r, l, "gamma", l.Gamma, 0, math.MaxFloat32)
	within(r, l, "label smoothing", l.LabelSmoothing, 0, 1)
	from{l.FromLogits, l.FromProbabilities}.scores(r, l, y)
	if l.FromLogits {
		y = graph.Softmax(r, y)
	}
	return graph.PairLoss(r, y, smooth(r, y, answers, l.LabelSmoothing), ops.CategoricalFocal, or(l.Alpha, 0.25), or(l.Gamma, 2))
}

// BinaryCrossentropy is the mean of −t·log y − (1 − t)·log(1 − y) over an example's outputs, probabilities clipped to 1e-7 from 0
// and 1, with targets from 0 to 1 (Keras's class of this name). FromLogits says that the outputs are scores z with
// y = 1/(1 + e⁻ᶻ), which is exact for large ones. LabelSmoothing s makes (1 − s)·t + s/2 of the targets.
type BinaryCrossentropy struct {
	FromLogits     bool
	LabelSmoothing float32 // 0 to 1
}

// Name returns "binary_crossentropy".
func (BinaryCrossentropy) Name() string { return "binary_crossentropy" }

// Record implements Loss.
func (l BinaryCrossentropy) Record(r *graph.Recorder, y, answers *graph.Tensor) *graph.Tensor {
	within(r, l, "label smoothing", l.LabelSmoothing, 0, 1)
	targets := graph.Affine(r, graph.Targets(r, y, answers), 1-l.LabelSmoothing, l.LabelSmoothing/2)
	if l.FromLogits {
		return graph.PairLoss(r, y, targets, ops.BinaryCrossentropyOfLogits)
	}
	return graph.PairLoss(r, y, targets, ops.BinaryCrossentropy)
}

// BinaryFocalCrossentropy is BinaryCrossentropy in which an output that is right already counts less: each term times
// (1 − p)^Gamma, p being the probability given to what is right (Lin et al., 2017; Keras's class of this name). With Alpha more than 0 the terms of
// targets 1 count Alpha and those of targets 0 count 1 − Alpha (Keras's apply_class_balancing).
type BinaryFocalCrossentropy struct {
	Alpha          float32 // 0 to 1; zero means no balancing
	Gamma          float32 // at least 0; zero means 2
	FromLogits     bool
	LabelSmoothing float32 // 0 to 1
}

// Name returns "binary_focal_crossentropy".
func (BinaryFocalCrossentropy) Name() string { return "binary_focal_crossentropy" }

// Record implements Loss.
func (l BinaryFocalCrossentropy) Record(r *graph.Recorder, y, answers *graph.Tensor) *graph.Tensor {
	within(r, l, "alpha", l.Alpha, 0, 1)
	within(r, l, "gamma", l.Gamma, 0, math.MaxFloat32)
	within(r, l, "label smoothing", l.LabelSmoothing, 0, 1)
	targets := graph.Affine(r, graph.Targets(r, y, answers), 1-l.LabelSmoothing, l.LabelSmoothing/2)
	if l.FromLogits {
		y = graph.Activate(r, y, ops.Sigmoid)
	}
	return graph.PairLoss(r, y, targets, ops.BinaryFocal, l.Alpha, or(l.Gamma, 2))
}
