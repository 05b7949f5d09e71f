package backendtest

import (
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/engine/ops"
)

func clip(o ops.Clip) {
	limit, grads := decimal(o.Limit), f64(o.Grads)
	for i, g := range grads {
		if o.Norm {
			grads[i] = g * math.Min(1, limit/math.Sqrt(f64(o.Squares)[0]))
		} else {
			grads[i] = math.Min(math.Max(g, -limit), limit)
		}
	}
}

func clipCases() []Case {
	var cases []Case
	for _, n := range []int{1, 3, 64, 255, 256, 257, 1009, 300_007} {
		cases = append(cases, Case{Name: fmt.Sprintf("clip %d by value", n), Build: one(func(in *Inputs) ops.Clip {
			return ops.Clip{Grads: in.Normal(n, 0, 2), N: n, Limit: 1.5}
		})})
		for _, squares := range []float32{0.25, 2, 2.25, 400, 0} {
			cases = append(cases, Case{Name: fmt.Sprintf("clip %d by norm %v", n, squares), Terms: 2, Build: one(func(in *Inputs) ops.Clip {
				return ops.Clip{Grads: in.small(n), Squares: in.Of(squares), N: n, Limit: 1.5, Norm: true}
			})})
		}
	}
	nan := float32(math.NaN())
	return append(cases, Case{Name: "clip NaN by value", Build: one(func(in *Inputs) ops.Clip {
		return ops.Clip{Grads: in.Of(1, nan, -9), N: 3, Limit: 1.5}
	})}, Case{Name: "clip NaN by norm", Build: one(func(in *Inputs) ops.Clip {
		return ops.Clip{Grads: in.Of(1, nan, -9), Squares: in.Of(nan), N: 3, Limit: 1.5, Norm: true}
	})})
}
