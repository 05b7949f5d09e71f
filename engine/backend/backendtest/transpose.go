package backendtest

import (
	"fmt"

	"github.com/gradus-ml/gradus/engine/ops"
)

func transpose(o ops.Transpose) {
	x, y := f64(o.X), f64(o.Y)
	for b := range o.Batch {
		for r := range o.Rows {
			for c := range o.Cols {
				y[(b*o.Cols+c)*o.Rows+r] = x[(b*o.Rows+r)*o.Cols+c]
			}
		}
	}
}

func transposeCases() []Case {
	var cases []Case
	for _, s := range [][3]int{{1, 1, 1}, {3, 1, 3}, {3, 3, 1}, {2, 15, 16}, {2, 16, 17}, {5, 255, 2}, {1, 256, 257}, {7, 31, 37}, {1, 1009, 3}, {70_001, 2, 3}, {70_001, 3, 1}} {
		batch, rows, cols := s[0], s[1], s[2]
		cases = append(cases, Case{Name: fmt.Sprintf("transpose %dx%dx%d", batch, rows, cols), Build: one(func(in *Inputs) ops.Transpose {
			n := batch * rows * cols
			return ops.Transpose{X: in.Normal(n, 0, 1), Y: in.Result(n), Batch: batch, Rows: rows, Cols: cols}
		})})
	}
	return cases
}
