package backendtest

import (
	"fmt"

	"github.com/gradus-ml/gradus/engine/ops"
)

func accumulate(o ops.Accumulate) {
	x, y := f64(o.X), f64(o.Y)
	for i := range y {
		y[i] += x[i]
	}
}

func accumulateCases() []Case {
	var cases []Case
	for _, n := range []int{1, 3, 63, 64, 65, 255, 256, 257, 1009, 300_007} {
		cases = append(cases, Case{Name: fmt.Sprintf("accumulate %d", n), Times: 3, Terms: 3, Build: one(func(in *Inputs) ops.Accumulate {
			return ops.Accumulate{X: in.small(n), Y: in.small(n), N: n}
		})})
	}
	return cases
}
