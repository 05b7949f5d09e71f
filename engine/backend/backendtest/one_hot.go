package backendtest

import (
	"fmt"

	"github.com/gradus-ml/gradus/engine/ops"
)

func oneHot(o ops.OneHot) {
	for i := range f64(o.Y) {
		f64(o.Y)[i] = choose(int(u32(o.Labels)[i/o.Cols]) == o.First+i%o.Cols, 1, 0)
	}
}

func oneHotCases() []Case {
	var cases []Case
	for _, s := range [][3]int{{1, 1, 0}, {1, 1, 1}, {33, 1, 1}, {3, 2, 0}, {257, 10, 0}, {5, 65, 3}, {70_001, 3, 0}} {
		rows, cols, first := s[0], s[1], s[2]
		cases = append(cases, Case{Name: fmt.Sprintf("one_hot %dx%d from %d", rows, cols, first), Build: one(func(in *Inputs) ops.OneHot {
			return ops.OneHot{Labels: in.Below(rows, cols+first+1), Y: in.Result(rows * cols), Rows: rows, Cols: cols, First: first}
		})})
	}
	return cases
}
