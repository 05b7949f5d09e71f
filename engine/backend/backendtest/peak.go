package backendtest

import (
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/engine/ops"
)

func peak(o ops.Peak) {
	peaks := f64(o.Peak)
	for i, v := range f64(o.X) {
		if at := &peaks[i%o.Cols]; !math.IsNaN(*at) && !(math.Abs(v) <= *at) {
			*at = math.Abs(v)
		}
	}
}

func peakCases() []Case {
	var cases []Case
	for _, s := range [][2]int{{1, 1}, {3, 7}, {7, 65}, {255, 3}, {257, 33}, {1009, 8}, {2, 70_001}} {
		rows, cols := s[0], s[1]
		cases = append(cases, Case{Name: fmt.Sprintf("peak %dx%d", rows, cols), Build: one(func(in *Inputs) ops.Peak {
			return ops.Peak{X: in.Normal(rows*cols, 0, 1), Peak: in.Fill(cols, func(c int) float64 { return float64(c%5) / 2 }), Rows: rows, Cols: cols}
		})})
	}
	nan, inf := float32(math.NaN()), float32(math.Inf(-1))
	zero := float32(math.Copysign(0, -1))
	return append(cases, Case{Name: "peak of odd numbers", Build: one(func(in *Inputs) ops.Peak {
		return ops.Peak{X: in.Of(zero, nan, 1, 2, inf, nan, 0, 3, inf, inf, 0, inf), Peak: in.Of(0, 1, 2, nan, 0, 0), Rows: 2, Cols: 6}
	})})
}
