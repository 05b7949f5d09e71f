package nn

import (
	"github.com/gradus-ml/gradus/engine/graph"
	"github.com/gradus-ml/gradus/engine/ops"
)

// An ActivationFunc is an activation function: an option of Dense, or a layer through Activation.
type ActivationFunc struct {
	name  string
	apply func(r *graph.Recorder, x *graph.Tensor) *graph.Tensor
}

// The activation functions, with Keras's names and defaults.
var (
	Linear  = elementwise(ops.Identity, 0) // x
	ReLU    = elementwise(ops.ReLU, 0)     // max(x, 0)
	ELU     = elementwise(ops.ELU, 1)      // x for x > 0, else eˣ − 1 (Clevert, Unterthiner and Hochreiter, 2015)
	Sigmoid = elementwise(ops.Sigmoid, 0)  // 1/(1 + e⁻ˣ)
	Tanh    = elementwise(ops.Tanh, 0)     // tanh x
	Softmax = NewActivation("softmax", graph.Softmax)
)

// ELUAlpha is ELU that saturates at −alpha: x for x > 0, else alpha·(eˣ − 1).
func ELUAlpha(alpha float32) ActivationFunc { return elementwise(ops.ELU, alpha) }

// NewActivation makes an activation function of any function of a tensor that keeps its shape.
func NewActivation(name string, apply func(r *graph.Recorder, x *graph.Tensor) *graph.Tensor) ActivationFunc {
	return ActivationFunc{name, apply}
}

func elementwise(f ops.Function, alpha float32) ActivationFunc {
	return NewActivation(f.String(), func(r *graph.Recorder, x *graph.Tensor) *graph.Tensor {
		return graph.Activate(r, x, f, alpha)
	})
}

// String returns the function's name.
func (f ActivationFunc) String() string { return f.name }

type activation struct {
	Name
	f ActivationFunc
}

// Activation is a layer that applies an activation function. Options: Name.
func Activation(f ActivationFunc, options ...Name) Layer {
	l := &activation{f: f}
	for _, o := range options {
		l.Name = o
	}
	return l
}

func (l *activation) Build(b *Builder, in []int) ([]int, error) {
	if l.f.apply == nil {
		return nil, b.Errorf(l, "no activation function")
	}
	return in, nil
}

func (l *activation) Forward(r *graph.Recorder, x *graph.Tensor) *graph.Tensor {
	return l.f.apply(r, x)
}
