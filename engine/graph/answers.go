package graph

import (
	"slices"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

// Classes reports whether the tensor holds class numbers, and not floats.
func (t *Tensor) Classes() bool { return t.value.Buffer != nil && t.value.Kind() == backend.U32 }

// Targets returns what outputs y, [batch …], should be, as floats of their shape. Answers that are floats are so already. Class numbers
// become 1 for the class and 0 for the others, one output for each class; with a single output they are numbers, 0 or 1.
func Targets(r *Recorder, y, answers *Tensor) *Tensor {
	if !answers.Classes() {
		if answers.Size() != y.Size() {
			r.Fail("graph: targets are %v, want %v, the shape of the outputs", answers.shape, y.shape)
		}
		return answers
	}
	rows, cols := y.matrix()
	if answers.Size() != rows {
		r.Fail("graph: %d class numbers for outputs of %v, want %d", answers.Size(), y.shape, rows)
	}
	t := r.temporary(y.shape...)
	op := ops.OneHot{Labels: answers.value, Y: t.value, Rows: rows, Cols: cols}
	if cols == 1 {
		op.First = 1
	}
	r.Append(op)
	return t
}

// Labels returns class numbers, [batch]: the answers themselves, or the place of the largest of each example's targets, [batch classes].
func Labels(r *Recorder, answers *Tensor) *Tensor {
	if answers.Classes() {
		return answers
	}
	return ArgMax(r, answers)
}

// ArgMax returns the place of the first of the largest in each row, [rows]. It has no gradient.
func ArgMax(r *Recorder, x *Tensor) *Tensor {
	rows, cols := x.matrix()
	labels := r.Labels(rows)
	r.Append(ops.ArgMax{X: x.value, Labels: labels.value, Rows: rows, Cols: cols})
	return labels
}

// Affine returns scale·x + shift.
func Affine(r *Recorder, x *Tensor, scale, shift float32) *Tensor {
	if scale == 1 && shift == 0 {
		return x
	}
	return WeightedSum(r, scale, x, 1, r.Constant(slices.Repeat([]float32{shift}, x.Size()), x.shape...))
}

// Accuracy returns 1 for each example whose label's score is among the k largest and 0 for the others, [rows]; see ops.Accuracy. It has no gradient.
func Accuracy(r *Recorder, x, labels *Tensor, k int) *Tensor {
	rows, cols := x.matrix()
	if labels.Size() != rows {
		r.Fail("graph: accuracy: %d labels, want %d for scores of %v", labels.Size(), rows, x.shape)
	}
	y := r.temporary(rows)
	r.Append(ops.Accuracy{X: x.value, Labels: labels.value, Correct: y.value, Rows: rows, Cols: cols, K: k})
	return y
}

// ScoreCounts sorts the scores of each example by rising thresholds and by targets, [rows 2·(thresholds+1)]; see ops.ScoreCounts. It
// has no gradient.
func ScoreCounts(r *Recorder, p, targets *Tensor, thresholds []float32) *Tensor {
	rows, edges := p.shape[0], len(thresholds)
	r.sameSize("score_counts", p, targets)
	y := r.temporary(rows, 2*(edges+1))
	r.Append(ops.ScoreCounts{P: p.value, T: targets.value, Thresholds: r.Constant(thresholds, edges).value, Counts: y.value,
		Rows: rows, Cols: p.Size() / rows, Edges: edges})
	return y
}

// ConfusionMatrix counts the examples of each class by the class that was predicted, [1 classes·classes], a row for each true class. It has
// no gradient.
func ConfusionMatrix(r *Recorder, x, labels *Tensor) *Tensor {
	rows, cols := x.matrix()
	truth, predicted := Targets(r, x, labels), Targets(r, x, ArgMax(r, x))
	y := r.temporary(1, cols*cols)
	r.Append(ops.MatMul{A: truth.value, B: predicted.value, C: y.value, M: cols, N: cols, K: rows, TransposeA: true})
	return y
}
