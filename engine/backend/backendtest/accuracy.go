package backendtest

import (
	"fmt"
	"math"
	"slices"

	"github.com/gradus-ml/gradus/engine/ops"
)

func accuracy(o ops.Accuracy) {
	for r := range o.Rows {
		x := f64(o.X)[r*o.Cols : (r+1)*o.Cols]
		label, better := int(u32(o.Labels)[r]), 0
		for c, v := range x {
			if label < o.Cols && (v > x[label] || v == x[label] && c < label) {
				better++
			}
		}
		right := label < o.Cols && better < o.K && !slices.ContainsFunc(x, math.IsNaN)
		f64(o.Correct)[r] = choose(right, 1, 0)
	}
}

func accuracyCases() []Case {
	var cases []Case
	for _, s := range matrixSizes {
		rows, cols := s[0], s[1]
		for _, k := range []int{1, 3} {
			cases = append(cases, Case{Name: fmt.Sprintf("accuracy %dx%d, best %d", rows, cols, k), Build: one(func(in *Inputs) ops.Accuracy {
				tied := in.Fill(rows*cols, func(int) float64 { return float64(in.stream.IntN(5)) })                                          // many ties
				return ops.Accuracy{X: tied, Labels: in.Below(rows, min(cols, 3)+1), Correct: in.Result(rows), Rows: rows, Cols: cols, K: k} // some of no class
			})})
		}
	}
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	odd := []float32{ // rows of three, label 1
		0, 1, nan, nan, 1, 0, nan, nan, nan, 0, nan, 0,
		-inf, -1, -inf, inf, inf, inf, 0, inf, 1, -3e38, 3e38, 0, -5, -4, -6,
	}
	return append(cases, Case{Name: "accuracy of odd numbers", Build: one(func(in *Inputs) ops.Accuracy {
		rows := len(odd) / 3
		labels := make([]uint32, rows)
		for i := range labels {
			labels[i] = 1
		}
		return ops.Accuracy{X: in.Of(odd...), Labels: in.Indices(labels...), Correct: in.Result(rows), Rows: rows, Cols: 3, K: 1}
	})})
}
