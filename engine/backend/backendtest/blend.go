package backendtest

import (
	"fmt"

	"github.com/gradus-ml/gradus/engine/ops"
)

func blend(o ops.Blend) {
	y := f64(o.Y)
	for i, x := range f64(o.X) {
		y[i] = o.Alpha*x + o.Beta*y[i]
	}
}

func blendCases() []Case {
	var cases []Case
	for _, n := range []int{1, 3, 255, 256, 257, 1009, 300_007} {
		cases = append(cases, Case{Name: fmt.Sprintf("blend %d", n), Terms: 2, Scale: 4, Build: one(func(in *Inputs) ops.Blend {
			return ops.Blend{X: in.small(n), Y: in.small(n), N: n, Alpha: -4.775, Beta: 2.0315}
		})})
	}
	return cases
}
