package ops

import (
	"fmt"

	"github.com/gradus-ml/gradus/engine/backend"
)

// Function is an element-wise activation function.
type Function uint8

// The functions. Alpha is the option of the operation.
const (
	Identity Function = iota // x
	ReLU                     // max(x, 0)
	ELU                      // x for x > 0, else Alpha·(eˣ − 1)
	Sigmoid                  // 1 / (1 + e⁻ˣ)
	Tanh                     // tanh x
)

// functionNames follow Keras; their order is that of the constants.
var functionNames = []string{"linear", "relu", "elu", "sigmoid", "tanh"}

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

// Activation applies a function to every element: y = f(x). X and Y have N elements.
type Activation struct {
	X, Y     backend.Region
	N        int
	Function Function
	Alpha    float32
}

// Name returns "activation".
func (Activation) Name() string { return "activation" }

// Check implements backend.Op.
func (o Activation) Check() error {
	c := checker{name: o.Name()}
	c.positive("n", o.N)
	c.function(o.Function)
	c.f32(o.N, named{"x", o.X}, named{"y", o.Y})
	return c.err
}

// Operands implements backend.Op.
func (o Activation) Operands() []backend.Operand {
	return []backend.Operand{reads("x", o.X), writes("y", o.Y)}
}

// Cost implements backend.Op.
func (o Activation) Cost() backend.Cost { return cost(o, 2*o.N) }

// ActivationGrad is the gradient of Activation: dx = dy·f′(x). At x = 0, ReLU has slope 0. X, DY and DX have N elements.
type ActivationGrad struct {
	X, DY, DX backend.Region
	N         int
	Function  Function
	Alpha     float32
}

// Name returns "activation_grad".
func (ActivationGrad) Name() string { return "activation_grad" }

// Check implements backend.Op.
func (o ActivationGrad) Check() error {
	c := checker{name: o.Name()}
	c.positive("n", o.N)
	c.function(o.Function)
	c.f32(o.N, named{"x", o.X}, named{"dy", o.DY}, named{"dx", o.DX})
	return c.err
}

// Operands implements backend.Op.
func (o ActivationGrad) Operands() []backend.Operand {
	return []backend.Operand{reads("x", o.X), reads("dy", o.DY), writes("dx", o.DX)}
}

// Cost implements backend.Op.
func (o ActivationGrad) Cost() backend.Cost { return cost(o, 3*o.N) }

func (c *checker) function(f Function) {
	if int(f) >= len(functionNames) {
		c.fail("unknown function %v", f)
	}
}
