package ops

import (
	"fmt"

	"github.com/gradus-ml/gradus/engine/backend"
)

// Function is an element-wise activation function.
type Function uint8

// The functions. Alpha, Beta and Gamma are Options; σ(x) = 1/(1 + e⁻ˣ), Φ is the normal distribution.
const (
	Identity    Function = iota // x
	ReLU                        // x for x > Gamma, else Alpha·(x − Gamma); at most Beta, where Beta > 0
	ELU                         // x for x > 0, else Alpha·(eˣ − 1)
	Sigmoid                     // σ(x)
	Tanh                        // tanh x
	SELU                        // 1.05070098·(x for x > 0, else 1.67326324·(eˣ − 1))
	CELU                        // x for x > 0, else Alpha·(e^(x/Alpha) − 1)
	GELU                        // x·Φ(x) = x·(1 + erf(x/√2))/2
	GELUTanh                    // x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))/2
	SiLU                        // x·σ(Alpha·x)
	Mish                        // x·tanh(ln(1 + eˣ))
	Softplus                    // ln(1 + eˣ)
	Softsign                    // x/(1 + |x|)
	HardSigmoid                 // (x + 3)/6, but at least 0 and at most 1
	HardSiLU                    // x·HardSigmoid(x)
	HardTanh                    // x, but at least −1 and at most 1
	Exponential                 // e^min(x, 80), so that neither it nor its gradient overflows
)

// functionNames follow Keras; their order is that of the constants.
var functionNames = []string{"linear", "relu", "elu", "sigmoid", "tanh", "selu", "celu", "gelu", "gelu_tanh", "silu", "mish",
	"softplus", "softsign", "hard_sigmoid", "hard_silu", "hard_tanh", "exponential"}

// Options are the numbers in a function's formula. What the formula does not name is not used.
type Options struct{ Alpha, Beta, Gamma float32 }

// Functions lists every activation function.
func Functions() []Function {
	list := make([]Function, len(functionNames))
	for i := range list {
		list[i] = Function(i)
	}
	return list
}

// String returns Keras's name of the function.
func (f Function) String() string {
	if int(f) < len(functionNames) {
		return functionNames[f]
	}
	return fmt.Sprintf("Function(%d)", uint8(f))
}

// Activation applies a function to every element: y = f(x); NaN stays NaN. X and Y have N elements.
type Activation struct {
	X, Y     backend.Region
	N        int
	Function Function
	Options
}

// Name returns "activation".
func (Activation) Name() string { return "activation" }

// Check implements backend.Op.
func (o Activation) Check() error {
	c := checker{name: o.Name()}
	c.positive("n", o.N)
	c.function(o.Function, o.Options)
	c.f32(o.N, named{"x", o.X}, named{"y", o.Y})
	return c.err
}

// Operands implements backend.Op.
func (o Activation) Operands() []backend.Operand {
	return []backend.Operand{reads("x", o.X), writes("y", o.Y)}
}

// Cost implements backend.Op. A copy takes no arithmetic.
func (o Activation) Cost() backend.Cost {
	if o.Function == Identity {
		return cost(o, 0)
	}
	return cost(o, 2*o.N)
}

// ActivationGrad is the gradient of Activation: dx = dy·f′(x); where x is NaN, so is dx. X, DY and DX have N elements.
// Where f has a corner, f′ is that of its flatter side: at x = 0, ReLU has slope Alpha.
type ActivationGrad struct {
	X, DY, DX backend.Region
	N         int
	Function  Function
	Options
}

// Name returns "activation_grad".
func (ActivationGrad) Name() string { return "activation_grad" }

// Check implements backend.Op.
func (o ActivationGrad) Check() error {
	c := checker{name: o.Name()}
	c.positive("n", o.N)
	c.function(o.Function, o.Options)
	c.f32(o.N, named{"x", o.X}, named{"dy", o.DY}, named{"dx", o.DX})
	return c.err
}

// Operands implements backend.Op.
func (o ActivationGrad) Operands() []backend.Operand {
	return []backend.Operand{reads("x", o.X), reads("dy", o.DY), writes("dx", o.DX)}
}

// Cost implements backend.Op.
func (o ActivationGrad) Cost() backend.Cost { return cost(o, 3*o.N) }

func (c *checker) function(f Function, o Options) {
	if int(f) >= len(functionNames) {
		c.fail("unknown function %v", f)
	}
	c.finite("alpha", o.Alpha)
	c.finite("beta", o.Beta)
	c.finite("gamma", o.Gamma)
	if f == CELU && o.Alpha <= 0 {
		c.fail("alpha is %v, want more than 0 for celu", o.Alpha)
	}
}
