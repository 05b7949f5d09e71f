package cpu

import "github.com/gradus-ml/gradus/engine/ops"

func accuracy(o ops.Accuracy) *job {
	x, labels, correct := f32(o.X), u32(o.Labels), f32(o.Correct)
	return ranges(o.Rows, 2*o.Cols, func(from, to int) {
		for r := from; r < to; r++ {
			correct[r] = hit(x[r*o.Cols:][:o.Cols], int(labels[r]), o.K)
		}
	})
}

// hit is 1 if the label's score is among the k largest, the first of equals before the others, and none is NaN, else 0.
func hit(x []float32, label, k int) float32 {
	if label >= len(x) {
		return 0
	}
	better := 0
	for c, v := range x {
		switch {
		case v != v:
			return 0
		case v > x[label], v == x[label] && c < label:
			better++
		}
	}
	if better < k {
		return 1
	}
	return 0
}
