package cpu

import (
	"math"

	"github.com/gradus-ml/gradus/engine/ops"
)

// curve is an activation function and its slope.
type curve struct {
	f, slope func(x, alpha float32) float32
}

// curves has a row for each function of package ops, in its order.
var curves = [...]curve{
	ops.Identity: {func(x, _ float32) float32 { return x }, func(_, _ float32) float32 { return 1 }},
	ops.ReLU:     {func(x, _ float32) float32 { return max(x, 0) }, func(x, _ float32) float32 { return step(x) }},
	ops.ELU:      {elu, eluSlope},
	ops.Sigmoid:  {sigmoid, func(x, _ float32) float32 { s := sigmoid(x, 0); return s * sigmoid(-x, 0) }},
	ops.Tanh:     {tanh, func(x, _ float32) float32 { s := 1 / math.Cosh(float64(x)); return float32(s * s) }},
}

// step is 1 for x > 0, else 0.
func step(x float32) float32 {
	if x > 0 {
		return 1
	}
	return 0
}

func elu(x, alpha float32) float32 {
	if x > 0 {
		return x
	}
	return alpha * float32(math.Expm1(float64(x)))
}

func eluSlope(x, alpha float32) float32 {
	if x > 0 {
		return 1
	}
	return alpha * float32(math.Exp(float64(x)))
}

func sigmoid(x, _ float32) float32 { return float32(1 / (1 + math.Exp(-float64(x)))) }

func tanh(x, _ float32) float32 { return float32(math.Tanh(float64(x))) }

// curveCost is what a call of a function costs, in elementary operations.
const curveCost = 8

func activation(o ops.Activation) *job {
	x, y, f := f32(o.X), f32(o.Y), curves[o.Function].f
	return ranges(o.N, curveCost, func(from, to int) {
		out := y[from:to]
		for i, v := range x[from:to] {
			out[i] = f(v, o.Alpha)
		}
	})
}

func activationGrad(o ops.ActivationGrad) *job {
	x, dy, dx, slope := f32(o.X), f32(o.DY), f32(o.DX), curves[o.Function].slope
	return ranges(o.N, curveCost, func(from, to int) {
		up, down := dy[from:to], dx[from:to]
		for i, v := range x[from:to] {
			down[i] = up[i] * slope(v, o.Alpha)
		}
	})
}
