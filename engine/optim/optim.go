// Package optim holds the optimizers: how gradients change the parameters.
package optim

import (
	"slices"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

// An Optimizer updates all parameters of a model at once: they lie in one flat arena. Optimizers can be written outside this
// package, of the operations there are.
type Optimizer interface {
	// Name is Keras's name of the optimizer: "SGD".
	Name() string
	// Check refuses options out of range.
	Check() error
	// Slots has the initial value of everything that is kept for each parameter from step to step.
	Slots() []float32
	// Rate is the learning rate of a step, counted from 0 over the whole training.
	Rate(step int) float64
	// Rates are the numbers that a step needs: the learning rate, times scale, and what else changes from step to step. There are as
	// many for each step. The engine has the scale from callbacks such as ReduceLROnPlateau; it is 1 without any.
	Rates(step int, scale float64) []float32
	// Record returns the operations of one update. It fails when an option does not fit the variables.
	Record(u Update) ([]backend.Op, error)
}

// Update is what an optimizer works on. It may change the gradients: each step computes them anew.
type Update struct {
	Params, Grads backend.Region   // of the same length
	Slots         []backend.Region // as many as asked for, as long as Params
	Rates         ops.Rates        // those of each step of the epoch, one row after the other
	Variables     []Variable       // what lies in Params
	Names         []string         // of all variables of the model, also those that are not trained
	Factors       []float32        // of learning rates and weight decays, see ops.Factors; none means that all are 1
	Memory        Memory
}

// A Variable is a part of the arena of parameters: the elements from Offset on, as many as the product of the axes of Shape.
// Offset is a multiple of ops.Block; elements between two variables are 0 and so are their gradients.
type Variable struct {
	Name   string // "dense/kernel"
	Shape  []int
	Offset int
}

// Size returns the number of elements.
func (v Variable) Size() int {
	n := 1
	for _, d := range v.Shape {
		n *= d
	}
	return n
}

// of returns the variable's part of an arena.
func (v Variable) of(arena backend.Region) backend.Region {
	return backend.Region{Buffer: arena.Buffer, Offset: arena.Offset + v.Offset, Len: v.Size()}
}

// Memory hands out memory of the device that holds the given values at first and lives as long as the recorded update.
// Whoever records reports what goes wrong.
type Memory interface {
	Of(values ...float32) backend.Region
	Indices(values ...uint32) backend.Region
}

// BlockFactors returns a copy of Factors, or as many ones.
func (u Update) BlockFactors() []float32 {
	if u.Factors == nil {
		return slices.Repeat([]float32{1}, ops.Factors(u.Params.Len))
	}
	return slices.Clone(u.Factors)
}

// factors returns the table of factors on the device.
func (u Update) factors() backend.Region { return u.Memory.Of(u.BlockFactors()...) }

// from returns the rates with an operation's coefficients from the given column on.
func (u Update) from(column int) ops.Rates {
	r := u.Rates
	r.First = column
	return r
}
