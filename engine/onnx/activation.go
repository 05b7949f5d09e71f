package onnx

import (
	"math"

	"github.com/gradus-ml/gradus/engine/ops"
)

// activation adds an activation function. Those that the opset has no operator for are written out.
func (b *Builder) activation(x Value, f ops.Function, o ops.Options) Value {
	on := func(operator string, attributes ...Attribute) Value {
		return b.Node(operator, x.shape, []Value{x}, attributes...)
	}
	switch f {
	case ops.Identity:
		return on("Identity")
	case ops.ReLU:
		return b.relu(x, o)
	case ops.ELU:
		return on("Elu", Float("alpha", o.Alpha))
	case ops.Sigmoid:
		return on("Sigmoid")
	case ops.Tanh:
		return on("Tanh")
	case ops.SELU:
		return on("Selu", Float("alpha", 1.67326324), Float("gamma", 1.05070098))
	case ops.CELU:
		return on("Celu", Float("alpha", o.Alpha))
	case ops.GELU:
		return b.gelu(x, b.unary("Erf", b.times(x, math.Sqrt2/2)))
	case ops.GELUTanh:
		cube := b.times(b.binary("Mul", x, b.binary("Mul", x, x)), 0.044715)
		return b.gelu(x, b.unary("Tanh", b.times(b.binary("Add", x, cube), math.Sqrt(2/math.Pi))))
	case ops.SiLU:
		return b.binary("Mul", x, b.unary("Sigmoid", b.times(x, float64(o.Alpha))))
	case ops.Mish:
		return b.binary("Mul", x, b.unary("Tanh", on("Softplus")))
	case ops.Softplus:
		return on("Softplus")
	case ops.Softsign:
		return on("Softsign")
	case ops.HardSigmoid:
		return on("HardSigmoid", Float("alpha", 1.0/6), Float("beta", 0.5))
	case ops.HardSiLU:
		return on("HardSwish")
	case ops.HardTanh:
		return b.clip(x, b.Scalar(-1), b.Scalar(1))
	case ops.Exponential:
		return b.unary("Exp", b.binary("Min", x, b.Scalar(80)))
	}
	b.Errorf("the activation function %v is not among those that can be exported", f)
	return x
}

// relu is x for x > Gamma, else Alpha·(x − Gamma), and at most Beta, where Beta > 0.
func (b *Builder) relu(x Value, o ops.Options) Value {
	switch {
	case o == ops.Options{}:
		return b.unary("Relu", x)
	case o.Alpha == 0 && o.Gamma == 0:
		return b.clip(x, b.Scalar(0), b.Scalar(o.Beta))
	case o.Gamma == 0:
		x = b.Node("LeakyRelu", x.shape, []Value{x}, Float("alpha", o.Alpha))
	default:
		below := b.times(b.binary("Sub", x, b.Scalar(o.Gamma)), float64(o.Alpha))
		x = b.Node("Where", x.shape, []Value{b.binary("Greater", x, b.Scalar(o.Gamma)), x, below})
	}
	if o.Beta > 0 {
		x = b.binary("Min", x, b.Scalar(o.Beta))
	}
	return x
}

// gelu is x·(1 + bend)/2.
func (b *Builder) gelu(x, bend Value) Value {
	return b.times(b.binary("Mul", x, b.binary("Add", bend, b.Scalar(1))), 0.5)
}

func (b *Builder) clip(x, low, high Value) Value {
	return b.Node("Clip", x.shape, []Value{x, low, high})
}

func (b *Builder) unary(operator string, x Value) Value {
	return b.Node(operator, x.shape, []Value{x})
}

// binary has the shape of x.
func (b *Builder) binary(operator string, x, y Value) Value {
	return b.Node(operator, x.shape, []Value{x, y})
}

func (b *Builder) times(x Value, factor float64) Value {
	if factor == 1 {
		return x
	}
	return b.binary("Mul", x, b.Scalar(float32(factor)))
}
