package metric

import (
	"math"

	"github.com/gradus-ml/gradus/engine/graph"
	"github.com/gradus-ml/gradus/engine/ops"
)

// counts records how many outputs of each example are above a threshold or not, and should be or not: fn, fp and tp behind tn.
func counts(r *graph.Recorder, m Metric, t cut, y, answers *graph.Tensor) *graph.Tensor {
	p, threshold := t.of(r, m, y)
	return graph.ScoreCounts(r, p, graph.Targets(r, p, answers), []float32{threshold})
}

// Precision is tp/(tp + fp): the share of outputs above the threshold that should be, over all outputs of all examples; 0 where none is above
// (Keras's class of this name).
type Precision struct {
	Threshold  float32 // 0 to 1; zero means 0.5
	FromLogits bool    // the outputs are scores z of the probability 1/(1 + e⁻ᶻ)
}

// Name returns "precision".
func (Precision) Name() string { return "precision" }

// Record implements Metric.
func (m Precision) Record(r *graph.Recorder, y, answers *graph.Tensor) *graph.Tensor {
	return counts(r, m, cut{m.Threshold, m.FromLogits}, y, answers)
}

// Result implements Summary.
func (Precision) Result(sums []float64, _ int) float64 { return ratio(sums[3], sums[3]+sums[2]) }

// Recall is tp/(tp + fn): the share of outputs that should be above the threshold which are, over all outputs of all examples; 0 where none should
// (Keras's class of this name).
type Recall struct {
	Threshold  float32 // 0 to 1; zero means 0.5
	FromLogits bool    // the outputs are scores z of the probability 1/(1 + e⁻ᶻ)
}

// Name returns "recall".
func (Recall) Name() string { return "recall" }

// Record implements Metric.
func (m Recall) Record(r *graph.Recorder, y, answers *graph.Tensor) *graph.Tensor {
	return counts(r, m, cut{m.Threshold, m.FromLogits}, y, answers)
}

// Result implements Summary.
func (Recall) Result(sums []float64, _ int) float64 { return ratio(sums[3], sums[3]+sums[1]) }

// ratio is a/b, or 0 where b is.
func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

// F1 is 2·tp/(2·tp + fp + fn), the harmonic mean of precision and recall: with a single output, of what exceeds the threshold; with several, the
// mean over the classes of that of each, the most probable class being taken (Keras's F1Score with average "macro"; without an average
// Keras gives a number for each class).
type F1 struct {
	Threshold  float32 // of a single output, 0 to 1; zero means 0.5
	FromLogits bool    // a single output is the score z, of the probability 1/(1 + e⁻ᶻ)
}

// Name returns "f1_score".
func (F1) Name() string { return "f1_score" }

// Record implements Metric: fn, fp and tp of each class.
func (m F1) Record(r *graph.Recorder, y, answers *graph.Tensor) *graph.Tensor {
	if y.Size() == y.Shape()[0] {
		return graph.Slice(r, counts(r, m, cut{m.Threshold, m.FromLogits}, y, answers), 1, 1, 4)
	}
	truth := graph.Targets(r, y, graph.Labels(r, answers))
	given := graph.Targets(r, y, graph.ArgMax(r, y))
	both := graph.Combine(r, ops.Product, truth, given)
	return graph.Concatenate(r, 1, graph.WeightedSum(r, 1, truth, -1, both), graph.WeightedSum(r, 1, given, -1, both), both)
}

// Result implements Summary.
func (F1) Result(sums []float64, _ int) float64 {
	classes, mean := len(sums)/3, 0.0
	for c := range classes {
		fn, fp, tp := sums[c], sums[classes+c], sums[2*classes+c]
		mean += ratio(2*tp, 2*tp+fp+fn) / float64(classes)
	}
	return mean
}

// AUC is the area under the curve of the rates that 200 thresholds give: true positives against false ones (ROC), or with PR precision
// against recall, over all outputs of all examples (Keras's class of this name, with its thresholds and its interpolation; for PR that of
// Davis and Goadrich, 2006).
type AUC struct {
	PR         bool
	FromLogits bool // the outputs are scores z of the probability 1/(1 + e⁻ᶻ)
}

// Name returns "auc".
func (AUC) Name() string { return "auc" }

// aucThresholds is how many there are.
const aucThresholds = 200

// Record implements Metric.
func (m AUC) Record(r *graph.Recorder, y, answers *graph.Tensor) *graph.Tensor {
	thresholds := make([]float32, aucThresholds)
	for i := range thresholds {
		thresholds[i] = float32(i) / (aucThresholds - 1)
	}
	thresholds[0], thresholds[aucThresholds-1] = -1e-7, 1+1e-7
	p := probabilities(r, y, m.FromLogits)
	return graph.ScoreCounts(r, p, graph.Targets(r, p, answers), thresholds)
}

// Result implements Summary.
func (m AUC) Result(sums []float64, _ int) float64 {
	tp, fp := above(sums, 1), above(sums, 0) // by threshold
	positives, negatives := total(sums, 1), total(sums, 0)
	area := 0.0
	for i := range aucThresholds - 1 {
		if m.PR {
			area += ratio(precisionStep(tp[i:], fp[i:]), positives)
			continue
		}
		width := ratio(fp[i], negatives) - ratio(fp[i+1], negatives)
		area += width * (ratio(tp[i], positives) + ratio(tp[i+1], positives)) / 2
	}
	return area
}

// precisionStep is the area between two thresholds, times the number of positives: that under slope + intercept/p, where p counts what is above.
func precisionStep(tp, fp []float64) float64 {
	p, q := tp[0]+fp[0], tp[1]+fp[1]
	slope := ratio(tp[0]-tp[1], p-q)
	intercept := tp[1] - slope*q
	logarithm := 0.0
	if p > 0 && q > 0 {
		logarithm = math.Log(p / q)
	}
	return slope * (tp[0] - tp[1] + intercept*logarithm)
}

// above returns how many of a kind exceed each threshold.
func above(sums []float64, kind int) []float64 {
	list, n := make([]float64, aucThresholds), 0.0
	for i := aucThresholds - 1; i >= 0; i-- {
		n += sums[2*(i+1)+kind]
		list[i] = n
	}
	return list
}

func total(sums []float64, kind int) float64 {
	n := 0.0
	for i := kind; i < len(sums); i += 2 {
		n += sums[i]
	}
	return n
}
