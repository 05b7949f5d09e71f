package nn

import (
	"math"

	"github.com/gradus-ml/gradus/engine/graph"
	"github.com/gradus-ml/gradus/engine/ops"
)

// The activation functions, with Keras's names and defaults; σ(x) = 1/(1 + e⁻ˣ). None overflows, nor does its gradient, and NaN stays
// NaN. Where a function has a corner, its gradient there is that of its flatter side.
var (
	// Linear is x.
	Linear = elementwise("linear", ops.Identity)
	// ReLU is max(x, 0). ReLUWith has options.
	ReLU = elementwise("relu", ops.ReLU)
	// ReLU6 is min(max(x, 0), 6) (Krizhevsky, 2010).
	ReLU6 = elementwise("relu6", ops.ReLU, 0, 6)
	// LeakyReLU is x for x > 0, else 0.3·x, as Keras's layer LeakyReLU has it; its function leaky_relu has 0.2 (Maas, Hannun
	// and Ng, 2013). LeakyReLUSlope has another slope.
	LeakyReLU = elementwise("leaky_relu", ops.ReLU, 0.3)
	// RReLU is x for x > 0, else a·x: while training, with a random a from the uniform distribution over [1/8, 1/3) for each element
	// and step, otherwise with their mean, 11/48 (Xu, Wang, Chen and Li, 2015, who divide by 3 to 8 instead; PyTorch's rrelu, for Keras
	// has none). RReLUBetween has other bounds.
	RReLU = rrelu(1.0/8, 1.0/3)
	// ELU is x for x > 0, else eˣ − 1 (Clevert, Unterthiner and Hochreiter, 2015). ELUAlpha has another limit than −1.
	ELU = elementwise("elu", ops.ELU, 1)
	// SELU is 1.05070098·(x for x > 0, else 1.67326324·(eˣ − 1)): with LeCunNormal, it keeps activations near mean 0 and variance 1
	// (Klambauer, Unterthiner, Mayr and Hochreiter, 2017).
	SELU = elementwise("selu", ops.SELU)
	// CELU is x for x > 0, else eˣ − 1 (Barron, 2017). It differs from ELU in CELUAlpha.
	CELU = elementwise("celu", ops.CELU, 1)
	// GELU is x·Φ(x) = x·(1 + erf(x/√2))/2, Φ being the normal distribution (Hendrycks and Gimpel, 2016; Keras's gelu). A GPU
	// computes erf to 1.2e-7.
	GELU = elementwise("gelu", ops.GELU)
	// GELUTanh is x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))/2, which is GELU to 5e-4 (the same; Keras's gelu with approximate).
	GELUTanh = elementwise("gelu_tanh", ops.GELUTanh)
	// SiLU is x·σ(x) (Hendrycks and Gimpel, 2016; Elfwing, Uchibe and Doya, 2017).
	SiLU = elementwise("silu", ops.SiLU, 1)
	// Swish is SiLU's other name (Ramachandran, Zoph and Le, 2017). SwishBeta has its β.
	Swish = SiLU
	// Mish is x·tanh(ln(1 + eˣ)) (Misra, 2019).
	Mish = elementwise("mish", ops.Mish)
	// Softplus is ln(1 + eˣ) (Dugas et al., 2001).
	Softplus = elementwise("softplus", ops.Softplus)
	// Softsign is x/(1 + |x|) (Bergstra et al., 2009).
	Softsign = elementwise("softsign", ops.Softsign)
	// Sigmoid is σ(x) = 1/(1 + e⁻ˣ).
	Sigmoid = elementwise("sigmoid", ops.Sigmoid)
	// HardSigmoid is (x + 3)/6, at least 0 and at most 1 (Keras 3's, which is not Keras 2's; Courbariaux et al., 2015).
	HardSigmoid = elementwise("hard_sigmoid", ops.HardSigmoid)
	// HardSiLU is x·HardSigmoid(x), also known as hard swish (Howard et al., 2019).
	HardSiLU = elementwise("hard_silu", ops.HardSiLU)
	// Tanh is tanh x.
	Tanh = elementwise("tanh", ops.Tanh)
	// HardTanh is x, at least −1 and at most 1 (Collobert, 2004).
	HardTanh = elementwise("hard_tanh", ops.HardTanh)
	// Exponential is e^min(x, 80): unlike Keras's it does not overflow.
	Exponential = elementwise("exponential", ops.Exponential)
	// Softmax is e^x_c / Σ_j e^x_j along the last axis: the probabilities of classes.
	Softmax = function("softmax", graph.Softmax)
	// LogSoftmax is x_c − ln Σ_j e^x_j along the last axis: the logarithms of Softmax's probabilities, exact where those vanish. They are
	// scores too: a loss on them is one FromLogits.
	LogSoftmax = function("log_softmax", graph.LogSoftmax)
)

// ReLUOptions are the options of Keras's layer ReLU. The zero value is plain ReLU.
type ReLUOptions struct {
	MaxValue      float32 // the result is at most this; more than Threshold, or zero for no such limit
	NegativeSlope float32 // at least 0
	Threshold     float32 // at least 0
}

// ReLUWith is ReLU with options: MaxValue for x ≥ MaxValue, x for x > Threshold, else NegativeSlope·(x − Threshold).
func ReLUWith(o ReLUOptions) ActivationFunc {
	const name = "relu"
	switch {
	case !notNegative(o.NegativeSlope):
		return refused(name, "negative slope is %v, want 0 or more", o.NegativeSlope)
	case !notNegative(o.Threshold):
		return refused(name, "threshold is %v, want 0 or more", o.Threshold)
	case o.MaxValue != 0 && !(o.MaxValue > o.Threshold && o.MaxValue <= math.MaxFloat32):
		return refused(name, "max value is %v, want more than %v, the threshold, or 0 for none", o.MaxValue, o.Threshold)
	}
	return elementwise(name, ops.ReLU, o.NegativeSlope, o.MaxValue, o.Threshold)
}

// LeakyReLUSlope is LeakyReLU with a slope of its own: x for x > 0, else slope·x. The slope is 0 or more.
func LeakyReLUSlope(slope float32) ActivationFunc {
	if !notNegative(slope) {
		return refused("leaky_relu", "negative slope is %v, want 0 or more", slope)
	}
	return elementwise("leaky_relu", ops.ReLU, slope)
}

// RReLUBetween is RReLU with slopes from lower, which is 0 or more, to upper, which is lower or more.
func RReLUBetween(lower, upper float32) ActivationFunc {
	switch {
	case !notNegative(lower):
		return refused("rrelu", "lower is %v, want 0 or more", lower)
	case !(upper >= lower && upper <= math.MaxFloat32):
		return refused("rrelu", "upper is %v, want %v, the lower bound, or more", upper, lower)
	}
	return rrelu(lower, upper)
}

func rrelu(lower, upper float32) ActivationFunc {
	return function("rrelu", func(r *graph.Recorder, x *graph.Tensor) *graph.Tensor {
		return graph.RReLU(r, x, lower, upper)
	}, lower, upper)
}

// ELUAlpha is ELU that saturates at −alpha: x for x > 0, else alpha·(eˣ − 1). Alpha is 0 or more.
func ELUAlpha(alpha float32) ActivationFunc {
	if !notNegative(alpha) {
		return refused("elu", "alpha is %v, want 0 or more", alpha)
	}
	return elementwise("elu", ops.ELU, alpha)
}

// CELUAlpha is CELU that saturates at −alpha: x for x > 0, else alpha·(e^(x/alpha) − 1), which has slope 1 at 0 whatever alpha is.
// Alpha is more than 0.
func CELUAlpha(alpha float32) ActivationFunc {
	if !notNegative(alpha) || alpha == 0 {
		return refused("celu", "alpha is %v, want more than 0", alpha)
	}
	return elementwise("celu", ops.CELU, alpha)
}

// SwishBeta is Swish with its β: x·σ(beta·x), from x/2 for a small beta to ReLU for a large one. Beta is 0 or more.
func SwishBeta(beta float32) ActivationFunc {
	if !notNegative(beta) {
		return refused("swish", "beta is %v, want 0 or more", beta)
	}
	return elementwise("swish", ops.SiLU, beta)
}
