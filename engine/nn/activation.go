package nn

import (
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/engine/graph"
	"github.com/gradus-ml/gradus/engine/ops"
)

// An ActivationFunc is an activation function: an option of Dense, or a layer through Activation.
type ActivationFunc struct {
	name string
	// build checks the function's options and declares its variables, if it has any, for a layer whose outputs have the
	// shape, and returns what to record.
	build   func(b *Builder, shape []int) (forward, error)
	options []float32 // of one of this package
	prelu   *prelu    // the options of PReLU
	own     bool      // of the user: found in files by its name
}

// forward records a function of a tensor that keeps its shape.
type forward = func(r *graph.Recorder, x *graph.Tensor) *graph.Tensor

// NewActivation makes an activation function of any function of a tensor that keeps its shape.
// A model that has it is loaded with it in the Registry.
func NewActivation(name string, apply func(r *graph.Recorder, x *graph.Tensor) *graph.Tensor) ActivationFunc {
	f := function(name, apply)
	f.own = true
	return f
}

// function is NewActivation for those of this package.
func function(name string, apply forward, options ...float32) ActivationFunc {
	return ActivationFunc{name: name, build: func(*Builder, []int) (forward, error) { return apply, nil }, options: options}
}

// elementwise makes an activation function of one of package ops and its options.
func elementwise(name string, f ops.Function, options ...float32) ActivationFunc {
	return function(name, func(r *graph.Recorder, x *graph.Tensor) *graph.Tensor {
		return graph.Activate(r, x, f, options...)
	}, options...)
}

// refused makes an activation function that no network takes.
func refused(name, format string, args ...any) ActivationFunc {
	err := fmt.Errorf("%s: %w", name, fmt.Errorf(format, args...))
	return ActivationFunc{name: name, build: func(*Builder, []int) (forward, error) { return nil, err }}
}

// String returns the function's name.
func (f ActivationFunc) String() string { return f.name }

// on prepares the function for the outputs of a layer.
func (f ActivationFunc) on(l Layer, b *Builder, shape []int) (forward, error) {
	if f.build == nil {
		return nil, b.Errorf(l, "no activation function")
	}
	apply, err := f.build(b, shape)
	switch {
	case err != nil:
		return nil, b.Errorf(l, "%w", err)
	case apply == nil:
		return nil, b.Errorf(l, "%s: no function to apply", f.name)
	}
	return apply, nil
}

type activation struct {
	Name
	f     ActivationFunc
	apply forward
}

// Activation is a layer that applies an activation function. Options: Name.
func Activation(f ActivationFunc, options ...Name) Layer {
	l := &activation{f: f}
	for _, o := range options {
		l.Name = o
	}
	return l
}

func (l *activation) Build(b *Builder, in []int) (_ []int, err error) {
	l.apply, err = l.f.on(l, b, in)
	return in, err
}

func (l *activation) Forward(r *graph.Recorder, x *graph.Tensor) *graph.Tensor { return l.apply(r, x) }

// notNegative reports whether an option is a finite number that is not negative.
func notNegative(v float32) bool { return v >= 0 && v <= math.MaxFloat32 }
