package backendtest

import (
	"fmt"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

func tally(o ops.Tally) {
	step := int(u32(o.Clock)[0])
	if step >= o.Steps {
		return
	}
	sums := f64(o.Ledger)[step*o.Columns+o.Column:][:o.Width]
	clear(sums)
	for i, v := range f64(o.X) {
		sums[i%o.Width] += v
	}
}

func tallyCases() []Case {
	var cases []Case
	for _, n := range []int{1, 3, 32, 63, 64, 65, 255, 256, 257, 1009, 70_001} {
		for _, width := range []int{1, 2, 70} {
			columns := width + n%3
			cases = append(cases, Case{Name: fmt.Sprintf("tally %dx%d into %d columns", n, width, columns), Terms: n, Times: 5,
				Build: func(in *Inputs) []backend.Op { // the last of five steps is past the ledger
					clock := in.Indices(0)
					return []backend.Op{
						ops.Tally{X: in.Normal(n*width, 0, 1), Ledger: in.Result(4 * columns), Clock: clock,
							N: n, Width: width, Steps: 4, Columns: columns, Column: columns - width},
						ops.Advance{Clock: clock},
					}
				}})
		}
	}
	return cases
}
