package backendtest

import (
	"fmt"
	"math"
	"slices"

	"github.com/gradus-ml/gradus/engine/ops"
)

func argMax(o ops.ArgMax) {
	for r := range o.Rows {
		x := f64(o.X)[r*o.Cols : (r+1)*o.Cols]
		u32(o.Labels)[r] = uint32(slices.Index(x, slices.Max(x)))
		if slices.ContainsFunc(x, math.IsNaN) {
			u32(o.Labels)[r] = uint32(o.Cols)
		}
	}
}

func argMaxCases() []Case {
	var cases []Case
	for _, s := range matrixSizes {
		rows, cols := s[0], s[1]
		cases = append(cases, Case{Name: fmt.Sprintf("argmax %dx%d", rows, cols), Build: one(func(in *Inputs) ops.ArgMax {
			tied := in.Fill(rows*cols, func(int) float64 { return float64(in.stream.IntN(5)) }) // many ties
			return ops.ArgMax{X: tied, Labels: in.Below(rows, 9), Rows: rows, Cols: cols}
		})})
	}
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	odd := []float32{0, 1, nan, nan, 1, 0, -inf, -inf, -inf, inf, 0, inf, -3e38, 3e38, 0}
	return append(cases, Case{Name: "argmax of odd numbers", Build: one(func(in *Inputs) ops.ArgMax {
		return ops.ArgMax{X: in.Of(odd...), Labels: in.Below(5, 9), Rows: 5, Cols: 3}
	})})
}
