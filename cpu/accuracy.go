package cpu

import "github.com/gradus-ml/gradus/engine/ops"

func accuracy(o ops.Accuracy) *job {
	x, labels, correct := f32(o.X), u32(o.Labels), f32(o.Correct)
	return ranges(o.Rows, 2*o.Cols, func(from, to int) {
		for r := from; r < to; r++ {
			correct[r] = hit(x[r*o.Cols:][:o.Cols], int(labels[r]))
		}
	})
}

// hit is 1 if the first of the largest scores is the label's and none is NaN, else 0.
func hit(x []float32, label int) float32 {
	best := 0
	for c, v := range x {
		switch {
		case v != v:
			return 0
		case v > x[best]:
			best = c
		}
	}
	if best == label {
		return 1
	}
	return 0
}
