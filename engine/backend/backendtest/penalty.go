package backendtest

import (
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/engine/ops"
)

func penalty(o ops.Penalty) {
	sum := 0.0
	for _, v := range f64(o.X) {
		sum += decimal(o.L1)*math.Abs(v) + decimal(o.L2)*v*v
	}
	f64(o.Sum)[0] = sum
}

func penaltyGrad(o ops.PenaltyGrad) {
	for i, v := range f64(o.X) {
		sign := choose(v > 0, 1, 0) - choose(v < 0, 1, 0)
		f64(o.DX)[i] = f64(o.DSum)[0] * (decimal(o.L1)*sign + 2*decimal(o.L2)*v)
	}
}

func penaltyCases() []Case {
	var cases []Case
	for _, n := range []int{1, 3, 31, 33, 63, 64, 65, 255, 256, 257, 1009, 8191, 8192, 8193, 70_001, 70_004} {
		for _, l := range [][2]float32{{0.25, 0}, {0, 0.5}, {0.1, 0.01}} {
			cases = append(cases, Case{Name: fmt.Sprintf("penalty %d %v", n, l), Terms: n, Build: one(func(in *Inputs) ops.Penalty {
				return ops.Penalty{X: in.Normal(n, 0, 1), Sum: in.Result(1), N: n, L1: l[0], L2: l[1]}
			})}, Case{Name: fmt.Sprintf("penalty_grad %d %v", n, l), Scale: 2, Build: one(func(in *Inputs) ops.PenaltyGrad {
				x := in.Fill(n, func(i int) float64 { return float64(i%5) - 2 }) // zeros too
				return ops.PenaltyGrad{X: x, DSum: in.Of(1.5), DX: in.Result(n), N: n, L1: l[0], L2: l[1]}
			})})
		}
	}
	return cases
}
