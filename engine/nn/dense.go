package nn

import (
	"errors"

	"github.com/gradus-ml/gradus/engine/graph"
)

type dense struct {
	Name
	units        int
	activation   ActivationFunc
	init, biases Initializer
	noBias       bool
	regular      regularizers
	constraint   Constraint
	kernel, bias *graph.Variable
	activate     forward
}

// A DenseOption changes a Dense layer: an ActivationFunc, an Initializer for the kernel, a
// BiasInitializer, NoBias, a KernelRegularizer,
// BiasRegularizer or ActivityRegularizer, a Constraint of the kernel, or a Name.
type DenseOption interface{ dense(*dense) }

// Dense connects every input with every unit: y = f(x·kernel + bias), with x [batch features], kernel [features units]
// and bias [units]. The defaults are those of Keras: no activation, GlorotUniform for the kernel, a bias of zeros.
//
//	nn.Dense(300, nn.ELU, nn.HeNormal)
func Dense(units int, options ...DenseOption) Layer {
	l := &dense{units: units, activation: Linear, init: GlorotUniform, biases: Zeros}
	for _, o := range options {
		o.dense(l)
	}
	return l
}

func (f ActivationFunc) dense(l *dense) { l.activation = f }
func (i Initializer) dense(l *dense)    { l.init = i }
func (n Name) dense(l *dense)           { l.Name = n }

// NoBias leaves out the bias of a Dense layer, as befits one that a BatchNorm follows.
const NoBias = biasOption(false)

type biasOption bool

func (b biasOption) dense(l *dense) { l.noBias = !bool(b) }

func (l *dense) Build(b *Builder, in []int) ([]int, error) {
	switch {
	case l.units < 1:
		return nil, b.Errorf(l, "units is %d, want at least 1", l.units)
	case len(in) != 1:
		return nil, b.Errorf(l, "input is %v, want 1 axis (add nn.Flatten())", in)
	}
	if err := errors.Join(l.init.checkOn([]int{in[0], l.units}), l.regular.check(), l.constraint.check(), named("bias", l.biases.checkOn([]int{l.units}))); err != nil {
		return nil, b.Errorf(l, "%w", err)
	}
	l.kernel = b.Variable("kernel", []int{in[0], l.units}, true, l.init)
	l.constraint.on(l.kernel)
	if !l.noBias {
		l.bias = b.Variable("bias", []int{l.units}, true, l.biases)
	}
	var err error
	l.activate, err = l.activation.on(l, b, []int{l.units})
	return []int{l.units}, err
}

func (l *dense) Forward(r *graph.Recorder, x *graph.Tensor) *graph.Tensor {
	again := r.Uses(l.kernel) // a shared layer's variables are penalised once
	y := graph.MatMul(r, x, r.Variable(l.kernel))
	if !l.noBias {
		y = graph.Bias(r, y, r.Variable(l.bias))
	}
	if !again {
		l.regular.kernel.penalise(r, r.Variable(l.kernel), 1)
	}
	if !again && !l.noBias {
		l.regular.bias.penalise(r, r.Variable(l.bias), 1)
	}
	y = l.activate(r, y)
	l.regular.activity.penalise(r, y, x.Shape()[0])
	return y
}
