package backendtest

import (
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

// curve is an activation function and its derivative.
type curve struct {
	f, slope func(x, alpha float64) float64
}

var curves = map[ops.Function]curve{
	ops.Identity: {
		func(x, _ float64) float64 { return x },
		func(_, _ float64) float64 { return 1 },
	},
	ops.ReLU: {
		func(x, _ float64) float64 { return math.Max(x, 0) },
		func(x, _ float64) float64 { return choose(x > 0, 1, 0) },
	},
	ops.ELU: {
		func(x, alpha float64) float64 { return choose(x > 0, x, alpha*math.Expm1(x)) },
		func(x, alpha float64) float64 { return choose(x > 0, 1, alpha*math.Exp(x)) },
	},
	ops.Sigmoid: {
		func(x, _ float64) float64 { return 1 / (1 + math.Exp(-x)) },
		func(x, _ float64) float64 { return 1 / (1 + math.Exp(-x)) / (1 + math.Exp(x)) },
	},
	ops.Tanh: {
		func(x, _ float64) float64 { return math.Tanh(x) },
		func(x, _ float64) float64 { return 1 / math.Cosh(x) / math.Cosh(x) },
	},
}

func choose(condition bool, yes, no float64) float64 {
	if condition {
		return yes
	}
	return no
}

func activation(o ops.Activation) {
	x, y := f64(o.X), f64(o.Y)
	for i := range y {
		y[i] = curves[o.Function].f(x[i], decimal(o.Alpha))
	}
}

func activationGrad(o ops.ActivationGrad) {
	x, dy, dx := f64(o.X), f64(o.DY), f64(o.DX)
	for i := range dx {
		dx[i] = dy[i] * curves[o.Function].slope(x[i], decimal(o.Alpha))
	}
}

// extremes saturate every function: none may give NaN or infinity.
var extremes = []float32{0, 1e-30, -1e-30, 1e-3, -1e-3, 0.5, -0.5, 1, -1, 14.9, -14.9, 15.1, -15.1, 20, -20, 87, -87, 89, -89, 104, -104, 1e4, -1e4}

func activationCases() []Case {
	var cases []Case
	for _, f := range ops.Functions() {
		for _, n := range []int{1, 3, 63, 64, 65, 255, 256, 257, 1009} {
			cases = append(cases, activationCase(f, fmt.Sprint(n), n, func(in *Inputs) backend.Region { return in.Normal(n, 0, 3) })...)
		}
		cases = append(cases, activationCase(f, "extremes", len(extremes), func(in *Inputs) backend.Region { return in.Of(extremes...) })...)
	}
	const many = 65_535*64 + 77 // more than one dimension has workgroups of 64
	return append(cases, activationCase(ops.ReLU, "many", many, func(in *Inputs) backend.Region {
		return in.Fill(many, func(i int) float64 { return float64(i%1001) - 500 })
	})...)
}

func activationCase(f ops.Function, name string, n int, x func(in *Inputs) backend.Region) []Case {
	return []Case{
		{Name: fmt.Sprintf("activation %v %s", f, name), Build: one(func(in *Inputs) ops.Activation {
			return ops.Activation{X: x(in), Y: in.Result(n), N: n, Function: f, Alpha: 1.25}
		})},
		{Name: fmt.Sprintf("activation_grad %v %s", f, name), Build: one(func(in *Inputs) ops.ActivationGrad {
			return ops.ActivationGrad{X: x(in), DY: in.Fill(n, func(i int) float64 { return float64(i%7) - 3 }), DX: in.Result(n),
				N: n, Function: f, Alpha: 1.25}
		})},
	}
}
