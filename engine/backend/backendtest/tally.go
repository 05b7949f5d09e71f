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
	sum := 0.0
	for _, v := range f64(o.X) {
		sum += v
	}
	f64(o.Ledger)[step*o.Columns+o.Column] = sum
}

func tallyCases() []Case {
	var cases []Case
	for _, n := range []int{1, 3, 32, 63, 64, 65, 255, 256, 257, 1009, 70_001} {
		for _, columns := range []int{1, 3} {
			cases = append(cases, Case{Name: fmt.Sprintf("tally %d into %d columns", n, columns), Terms: n, Times: 5,
				Build: func(in *Inputs) []backend.Op { // the last of five steps is past the ledger
					clock := in.Indices(0)
					return []backend.Op{
						ops.Tally{X: in.Normal(n, 0, 1), Ledger: in.Result(4 * columns), Clock: clock,
							N: n, Steps: 4, Columns: columns, Column: columns - 1},
						ops.Advance{Clock: clock},
					}
				}})
		}
	}
	return cases
}
