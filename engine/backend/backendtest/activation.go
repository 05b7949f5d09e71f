package backendtest

import (
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

// curve is an activation function and its derivative, for numbers.
type curve struct {
	f, slope func(x float64, o options) float64
}

// options are the numbers that were meant by ops.Options.
type options struct{ alpha, beta, gamma float64 }

var curves = map[ops.Function]curve{
	ops.Identity: {
		func(x float64, _ options) float64 { return x },
		func(_ float64, _ options) float64 { return 1 },
	},
	ops.ReLU: {
		func(x float64, o options) float64 {
			return choose(o.beta > 0 && x >= o.beta, o.beta, choose(x > o.gamma, x, o.alpha*(x-o.gamma)))
		},
		func(x float64, o options) float64 {
			return choose(o.beta > 0 && x >= o.beta, 0, choose(x > o.gamma, 1, o.alpha))
		},
	},
	ops.ELU: {
		func(x float64, o options) float64 { return choose(x > 0, x, o.alpha*math.Expm1(x)) },
		func(x float64, o options) float64 { return choose(x > 0, 1, o.alpha*math.Exp(x)) },
	},
	ops.Sigmoid: {
		func(x float64, _ options) float64 { return logistic(x) },
		func(x float64, _ options) float64 { return logistic(x) * logistic(-x) },
	},
	ops.Tanh: {
		func(x float64, _ options) float64 { return math.Tanh(x) },
		func(x float64, _ options) float64 { return 1 / math.Cosh(x) / math.Cosh(x) },
	},
	ops.SELU: {
		func(x float64, _ options) float64 { return 1.05070098 * choose(x > 0, x, 1.67326324*math.Expm1(x)) },
		func(x float64, _ options) float64 { return 1.05070098 * choose(x > 0, 1, 1.67326324*math.Exp(x)) },
	},
	ops.CELU: {
		func(x float64, o options) float64 { return choose(x > 0, x, o.alpha*math.Expm1(x/o.alpha)) },
		func(x float64, o options) float64 { return choose(x > 0, 1, math.Exp(x/o.alpha)) },
	},
	ops.GELU: {
		func(x float64, _ options) float64 { return x * (1 + math.Erf(x/math.Sqrt2)) / 2 },
		func(x float64, _ options) float64 {
			return (1+math.Erf(x/math.Sqrt2))/2 + x*math.Exp(-x*x/2)/math.Sqrt(2*math.Pi)
		},
	},
	ops.GELUTanh: {
		func(x float64, _ options) float64 { return x * (1 + math.Tanh(bent(x))) / 2 },
		func(x float64, _ options) float64 {
			return (1+math.Tanh(bent(x)))/2 + x/2/math.Cosh(bent(x))/math.Cosh(bent(x))*math.Sqrt(2/math.Pi)*(1+3*0.044715*x*x)
		},
	},
	ops.SiLU: {
		func(x float64, o options) float64 { return x * logistic(o.alpha*x) },
		func(x float64, o options) float64 {
			return logistic(o.alpha*x) + o.alpha*x*logistic(o.alpha*x)*logistic(-o.alpha*x)
		},
	},
	ops.Mish: {
		func(x float64, _ options) float64 { return x * math.Tanh(softplus(x)) },
		func(x float64, _ options) float64 {
			return math.Tanh(softplus(x)) + x*logistic(x)/math.Cosh(softplus(x))/math.Cosh(softplus(x))
		},
	},
	ops.Softplus: {
		func(x float64, _ options) float64 { return softplus(x) },
		func(x float64, _ options) float64 { return logistic(x) },
	},
	ops.Softsign: {
		func(x float64, _ options) float64 { return x / (1 + math.Abs(x)) },
		func(x float64, _ options) float64 { return math.Pow(1+math.Abs(x), -2) },
	},
	ops.HardSigmoid: {
		func(x float64, _ options) float64 { return hardSigmoid(x) },
		func(x float64, _ options) float64 { return choose(math.Abs(x) < 3, 1.0/6, 0) },
	},
	ops.HardSiLU: {
		func(x float64, _ options) float64 { return x * hardSigmoid(x) },
		func(x float64, _ options) float64 { return hardSigmoid(x) + choose(math.Abs(x) < 3, x/6, 0) },
	},
	ops.HardTanh: {
		func(x float64, _ options) float64 { return max(-1, min(x, 1)) },
		func(x float64, _ options) float64 { return choose(math.Abs(x) < 1, 1, 0) },
	},
	ops.Exponential: {
		func(x float64, _ options) float64 { return math.Exp(min(x, 80)) },
		func(x float64, _ options) float64 { return math.Exp(min(x, 80)) },
	},
}

func choose(condition bool, yes, no float64) float64 {
	if condition {
		return yes
	}
	return no
}

func logistic(x float64) float64    { return 1 / (1 + math.Exp(-x)) }
func softplus(x float64) float64    { return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }
func hardSigmoid(x float64) float64 { return max(0, min((x+3)/6, 1)) }
func bent(x float64) float64        { return math.Sqrt(2/math.Pi) * (x + 0.044715*x*x*x) }

// at returns g(x), which is NaN where x is.
func at(g func(float64, options) float64, x float64, o ops.Options) float64 {
	if math.IsNaN(x) {
		return x
	}
	return g(x, options{decimal(o.Alpha), decimal(o.Beta), decimal(o.Gamma)})
}

func activation(o ops.Activation) {
	x, y := f64(o.X), f64(o.Y)
	for i := range y {
		y[i] = at(curves[o.Function].f, x[i], o.Options)
	}
}

func activationGrad(o ops.ActivationGrad) {
	x, dy, dx := f64(o.X), f64(o.DY), f64(o.DX)
	for i := range dx {
		dx[i] = dy[i] * at(curves[o.Function].slope, x[i], o.Options)
	}
}

// extremes saturate every function: none may give NaN or infinity. The small ones are the corners of some.
var extremes = []float32{0, 1e-30, -1e-30, 1e-3, -1e-3, 0.5, -0.5, 1, -1, 3, -3, 6, -6, 9.5, -9.5, 14.9, -14.9, 15.1, -15.1, 20, -20,
	87, -87, 89, -89, 104, -104, 1e4, -1e4}

// optionRows are the options that a function is tried with, if not the usual ones.
var optionRows = map[ops.Function][]ops.Options{
	ops.ReLU: {{}, {Alpha: 0.3}, {Beta: 6}, {Alpha: 0.2, Beta: 3, Gamma: 1}, {Gamma: 0.5}},
	ops.SiLU: {{Alpha: 1}, {Alpha: 1.5}},
	ops.CELU: {{Alpha: 1}, {Alpha: 0.3}, {Alpha: 2}},
}

// OptionsOf returns options that the function should be tried with.
func OptionsOf(f ops.Function) []ops.Options {
	if rows, ok := optionRows[f]; ok {
		return rows
	}
	return []ops.Options{{Alpha: 1.25}}
}

func activationCases() []Case {
	var cases []Case
	for _, f := range ops.Functions() {
		for i, o := range OptionsOf(f) {
			for _, n := range []int{1, 3, 63, 64, 65, 255, 256, 257, 1009} {
				if i == 0 || n == 1009 {
					cases = append(cases, activationCase(f, o, fmt.Sprint(n), n, func(in *Inputs) backend.Region { return in.Normal(n, 0, 3) })...)
				}
			}
			cases = append(cases, activationCase(f, o, "extremes", len(extremes), func(in *Inputs) backend.Region { return in.Of(extremes...) })...)
		}
		cases = append(cases, activationCase(f, OptionsOf(f)[0], "NaN", 3, func(in *Inputs) backend.Region { return in.Of(1, float32(math.NaN()), -1) })...)
	}
	const many = 300_007 // combine has the case of more than 65,535 workgroups
	return append(cases, activationCase(ops.ReLU, ops.Options{}, "many", many, func(in *Inputs) backend.Region {
		return in.Fill(many, func(i int) float64 { return float64(i%1001) - 500 })
	})...)
}

func activationCase(f ops.Function, o ops.Options, name string, n int, x func(in *Inputs) backend.Region) []Case {
	return []Case{
		{Name: fmt.Sprintf("activation %v %v %s", f, o, name), Build: one(func(in *Inputs) ops.Activation {
			return ops.Activation{X: x(in), Y: in.Result(n), N: n, Function: f, Options: o}
		})},
		{Name: fmt.Sprintf("activation_grad %v %v %s", f, o, name), Build: one(func(in *Inputs) ops.ActivationGrad {
			return ops.ActivationGrad{X: x(in), DY: in.Fill(n, func(i int) float64 { return float64(i%7) - 3 }), DX: in.Result(n),
				N: n, Function: f, Options: o}
		})},
	}
}
