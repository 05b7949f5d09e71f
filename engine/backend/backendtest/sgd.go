package backendtest

import (
	"fmt"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

func sgd(o ops.SGD) {
	w, g, momentum := f64(o.Params), f64(o.Grads), decimal(o.Momentum)
	rate := f64(o.Rates)[min(int(u32(o.Clock)[0]), o.Steps-1)]
	for i := range w {
		if !o.HasVelocity() {
			w[i] -= rate * g[i]
			continue
		}
		v := f64(o.Velocity)
		v[i] = momentum*v[i] - rate*g[i]
		if o.Nesterov {
			w[i] += momentum*v[i] - rate*g[i]
		} else {
			w[i] += v[i]
		}
	}
}

func sgdCases() []Case {
	var cases []Case
	for _, n := range []int{1, 3, 64, 65, 255, 256, 257, 1009} {
		cases = append(cases, sgdCase(n, 0, false), sgdCase(n, 0.9, false), sgdCase(n, 0.9, true))
	}
	return append(cases, sgdCase(65_535*64+77, 0.5, true))
}

// sgdCase makes five steps, two of them past the table of rates.
func sgdCase(n int, momentum float32, nesterov bool) Case {
	return Case{Name: fmt.Sprintf("sgd %d momentum %v nesterov %v", n, momentum, nesterov), Terms: 5, Times: 5,
		Build: func(in *Inputs) []backend.Op {
			clock := in.Indices(0)
			op := ops.SGD{Params: in.small(n), Grads: in.small(n), Rates: in.Of(0.5, 0.25, 0.125), Clock: clock,
				N: n, Steps: 3, Momentum: momentum, Nesterov: nesterov}
			if momentum > 0 {
				op.Velocity = in.small(n)
			}
			return []backend.Op{op, ops.Advance{Clock: clock}}
		}}
}

// small allocates n values in [−1, 1), cheaply enough for millions.
func (in *Inputs) small(n int) backend.Region {
	return in.Fill(n, func(int) float64 { return 2*float64(in.stream.Float32()) - 1 })
}
