package backendtest

import (
	"fmt"

	"github.com/gradus-ml/gradus/engine/ops"
)

func columns(o ops.Columns) {
	x, y := f64(o.X), f64(o.Y)
	for r := range o.Rows {
		for w := range o.Width {
			c := w - o.Column
			inside := c >= 0 && c < o.Cols
			switch {
			case inside && o.Kind == ops.CutColumns:
				y[r*o.Cols+c] = x[r*o.Width+w]
			case inside:
				y[r*o.Width+w] = x[r*o.Cols+c]
			case o.Kind == ops.PadColumns:
				y[r*o.Width+w] = 0
			}
		}
	}
}

func columnsCases() []Case {
	var cases []Case
	for _, k := range ops.ColumnsKinds() {
		for _, s := range [][4]int{{1, 1, 1, 0}, {1, 1, 3, 2}, {3, 2, 5, 1}, {33, 65, 131, 66}, {257, 16, 16, 0}, {7, 1009, 2018, 1009}, {70_001, 1, 3, 1}} {
			rows, cols, width, column := s[0], s[1], s[2], s[3]
			x, y := rows*cols, rows*width
			if k == ops.CutColumns {
				x, y = y, x
			}
			cases = append(cases, Case{Name: fmt.Sprintf("columns %v %dx%d of %d from %d", k, rows, cols, width, column), Build: one(func(in *Inputs) ops.Columns {
				return ops.Columns{X: in.Normal(x, 0, 1), Y: in.Result(y), Rows: rows, Cols: cols, Width: width, Column: column, Kind: k}
			})})
		}
	}
	return cases
}
