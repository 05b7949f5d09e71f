package backendtest

import (
	"fmt"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

func average(o ops.Average) {
	alpha, y := stepOf(o.Rates, ops.AverageColumns)[0], f64(o.Y)
	for i, x := range f64(o.X) {
		y[i] += alpha * (x - y[i])
	}
}

func averageCases() []Case {
	var cases []Case
	for _, n := range []int{1, 3, 255, 256, 257, 1009, 300_007} {
		cases = append(cases, Case{Name: fmt.Sprintf("average %d", n), Terms: 5, Times: 5, Build: func(in *Inputs) []backend.Op {
			op := ops.Average{X: in.small(n), Y: in.small(n), N: n, Rates: in.rates(3, 2, 1, 0.01, 0.25)}
			return []backend.Op{op, ops.Advance{Clock: op.Rates.Clock}}
		}})
	}
	return cases
}
