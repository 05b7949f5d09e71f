package cpu

import (
	"math"

	"github.com/gradus-ml/gradus/engine/ops"
)

// curve is an activation function and its slope.
type curve struct {
	f, slope func(x float32, o ops.Options) float32
}

// curves has a row for each function of package ops, in its order.
var curves = [...]curve{
	ops.Identity:    {func(x float32, _ ops.Options) float32 { return x }, func(float32, ops.Options) float32 { return 1 }},
	ops.ReLU:        {relu, reluSlope},
	ops.ELU:         {elu, eluSlope},
	ops.Sigmoid:     plain(sigmoid, func(x float64) float64 { return sigmoid(x) * sigmoid(-x) }),
	ops.Tanh:        plain(math.Tanh, sech2),
	ops.SELU:        {selu, seluSlope},
	ops.CELU:        {celu, celuSlope},
	ops.GELU:        plain(gelu, geluSlope),
	ops.GELUTanh:    plain(geluTanh, geluTanhSlope),
	ops.SiLU:        {silu, siluSlope},
	ops.Mish:        plain(func(x float64) float64 { return x * math.Tanh(softplus(x)) }, mishSlope),
	ops.Softplus:    plain(softplus, sigmoid),
	ops.Softsign:    plain(func(x float64) float64 { return x / (1 + math.Abs(x)) }, func(x float64) float64 { return 1 / ((1 + math.Abs(x)) * (1 + math.Abs(x))) }),
	ops.HardSigmoid: plain(hardSigmoid, func(x float64) float64 { return within(x, 3) / 6 }),
	ops.HardSiLU:    plain(func(x float64) float64 { return x * hardSigmoid(x) }, func(x float64) float64 { return hardSigmoid(x) + within(x, 3)*x/6 }),
	ops.HardTanh:    plain(func(x float64) float64 { return max(-1, min(x, 1)) }, func(x float64) float64 { return within(x, 1) }),
	ops.Exponential: plain(exponential, exponential),
}

// plain is a curve without options.
func plain(f, slope func(x float64) float64) curve {
	return curve{
		func(x float32, _ ops.Options) float32 { return float32(f(float64(x))) },
		func(x float32, _ ops.Options) float32 { return float32(slope(float64(x))) },
	}
}

func relu(x float32, o ops.Options) float32 {
	switch {
	case o.Beta > 0 && x >= o.Beta:
		return o.Beta
	case x > o.Gamma:
		return x
	}
	return o.Alpha * (x - o.Gamma)
}

func reluSlope(x float32, o ops.Options) float32 {
	switch {
	case o.Beta > 0 && x >= o.Beta:
		return 0
	case x > o.Gamma:
		return 1
	}
	return o.Alpha
}

func elu(x float32, o ops.Options) float32 {
	if x > 0 {
		return x
	}
	return o.Alpha * expm132(x)
}

func eluSlope(x float32, o ops.Options) float32 {
	if x > 0 {
		return 1
	}
	return o.Alpha * exp32(x)
}

// With these numbers, activations keep mean 0 and variance 1 from layer to layer.
const (
	seluAlpha = 1.67326324
	seluScale = 1.05070098
)

func selu(x float32, _ ops.Options) float32 {
	return seluScale * elu(x, ops.Options{Alpha: seluAlpha})
}

func seluSlope(x float32, _ ops.Options) float32 {
	return seluScale * eluSlope(x, ops.Options{Alpha: seluAlpha})
}

func celu(x float32, o ops.Options) float32 {
	if x > 0 {
		return x
	}
	return o.Alpha * float32(math.Expm1(float64(x)/float64(o.Alpha)))
}

func celuSlope(x float32, o ops.Options) float32 {
	return float32(math.Exp(min(float64(x), 0) / float64(o.Alpha)))
}

func sigmoid(x float64) float64  { return 1 / (1 + math.Exp(-x)) }
func softplus(x float64) float64 { return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }

// sech2 is the slope of tanh.
func sech2(x float64) float64 {
	s := 1 / math.Cosh(x)
	return s * s
}

// gelu has erfc(−z) for 1 + erf(z), which would cancel.
func gelu(x float64) float64 { return x * math.Erfc(-x/math.Sqrt2) / 2 }

func geluSlope(x float64) float64 {
	return math.Erfc(-x/math.Sqrt2)/2 + x*math.Exp(-x*x/2)/math.Sqrt(2*math.Pi)
}

// geluTanh is x·σ(2v), which is x·(1 + tanh v)/2.
func geluTanh(x float64) float64 {
	v, _ := bend(x)
	return x * sigmoid(2*v)
}

func geluTanhSlope(x float64) float64 {
	v, slope := bend(x)
	return sigmoid(2*v) + 2*x*slope*sigmoid(2*v)*sigmoid(-2*v)
}

// bend returns √(2/π)·(x + 0.044715·x³) and its slope.
func bend(x float64) (v, slope float64) {
	const scale = 0.7978845608028654
	return scale * (x + 0.044715*x*x*x), scale * (1 + 3*0.044715*x*x)
}

func silu(x float32, o ops.Options) float32 {
	return float32(float64(x) * sigmoid(float64(o.Alpha)*float64(x)))
}

func siluSlope(x float32, o ops.Options) float32 {
	v := float64(o.Alpha) * float64(x)
	return float32(sigmoid(v) + v*sigmoid(v)*sigmoid(-v))
}

func mishSlope(x float64) float64 {
	v := softplus(x)
	return math.Tanh(v) + x*sigmoid(x)*sech2(v)
}

func hardSigmoid(x float64) float64 { return max(0, min((x+3)/6, 1)) }

// within is 1 for |x| < limit, else 0.
func within(x, limit float64) float64 {
	if math.Abs(x) < limit {
		return 1
	}
	return 0
}

func exponential(x float64) float64 { return math.Exp(min(x, 80)) }

// curveCost is what a call of a function costs, in elementary operations.
const curveCost = 8

// curveKernels has the functions that have vector kernels, f's and its gradient's.
var curveKernels = [len(curves)]struct{ f, grad kernel }{
	ops.ReLU:     {reluKernel, reluGradKernel},
	ops.ELU:      {eluKernel, eluGradKernel},
	ops.Sigmoid:  {sigmoidKernel, sigmoidGradKernel},
	ops.Tanh:     {tanhKernel, tanhGradKernel},
	ops.SELU:     {seluKernel, seluGradKernel},
	ops.CELU:     {celuKernel, celuGradKernel},
	ops.GELU:     {geluKernel, geluGradKernel},
	ops.GELUTanh: {geluTanhKernel, geluTanhGradKernel},
	ops.SiLU:     {siluKernel, siluGradKernel},
	ops.Softsign: {softsignKernel, softsignGradKernel},
}

// curveNumbers are what the kernels of activation functions take: alpha, beta, gamma and 1/alpha. A beta that means no limit
// becomes NaN, which nothing reaches.
func curveNumbers(o ops.Options) [6]float32 {
	if o.Beta <= 0 {
		o.Beta = float32(math.NaN())
	}
	return [6]float32{o.Alpha, o.Beta, o.Gamma, 1 / o.Alpha}
}

func activation(o ops.Activation) *job {
	if v, ok := vector(o.X, curveKernels[o.Function].f, curveNumbers(o.Options)); ok {
		x, y := f32(o.X), f32(o.Y)
		return spans(o.N, curveCost, func(from, to int) { v.elements(from, to, x, y) })
	}
	return plainActivation(o)
}

func activationGrad(o ops.ActivationGrad) *job {
	if v, ok := vector(o.X, curveKernels[o.Function].grad, curveNumbers(o.Options)); ok {
		x, dy, dx := f32(o.X), f32(o.DY), f32(o.DX)
		return spans(o.N, curveCost, func(from, to int) { v.elements(from, to, x, dy, dx) })
	}
	return plainActivationGrad(o)
}

func plainActivation(o ops.Activation) *job {
	x, y, f := f32(o.X), f32(o.Y), curves[o.Function].f
	return ranges(o.N, curveCost, func(from, to int) {
		out := y[from:to]
		for i, v := range x[from:to] {
			if v == v {
				v = f(v, o.Options)
			}
			out[i] = v
		}
	})
}

func plainActivationGrad(o ops.ActivationGrad) *job {
	x, dy, dx, slope := f32(o.X), f32(o.DY), f32(o.DX), curves[o.Function].slope
	return ranges(o.N, curveCost, func(from, to int) {
		up, down := dy[from:to], dx[from:to]
		for i, v := range x[from:to] {
			if v == v {
				v = up[i] * slope(v, o.Options)
			}
			down[i] = v
		}
	})
}
