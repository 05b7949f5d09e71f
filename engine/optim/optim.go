// Package optim holds the optimizers: how gradients change the parameters.
package optim

import (
	"fmt"

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
	// Rates are the numbers that a step needs, counted from 0 over the whole training: the learning rate, and what else changes
	// from step to step. There are as many for each step.
	Rates(step int) []float32
	// Record returns the operations of one update.
	Record(u Update) []backend.Op
}

// Update is what an optimizer works on.
type Update struct {
	Params, Grads backend.Region   // of the same length
	Slots         []backend.Region // as many as asked for, as long as Params
	Rates         backend.Region   // those of each step of the epoch, one after the other
	Clock         backend.Region   // the number of the step in the epoch
	Scratch       backend.Region   // one f32, for what an update needs in between
}

// SGD is gradient descent with or without momentum (Keras's SGD; Polyak, 1964; Nesterov, 1983). With gradient g:
//
//	no momentum:  w ← w − rate·g
//	momentum:     v ← momentum·v − rate·g,  w ← w + v
//	Nesterov:     v ← momentum·v − rate·g,  w ← w + momentum·v − rate·g
type SGD struct {
	LearningRate float32  // more than 0; zero means 0.01
	Schedule     Schedule // of the learning rate, in place of LearningRate
	Momentum     float32  // 0 to 1 exclusive
	Nesterov     bool     // needs a momentum
}

// Name returns "SGD".
func (SGD) Name() string { return "SGD" }

// Check implements Optimizer.
func (o SGD) Check() error {
	switch {
	case !(o.Momentum >= 0 && o.Momentum < 1):
		return fmt.Errorf("optim: SGD: momentum is %v, want 0 to 1 exclusive", o.Momentum)
	case o.Nesterov && o.Momentum == 0:
		return fmt.Errorf("optim: SGD: Nesterov without a momentum, want a momentum of more than 0")
	}
	return checkRate("SGD", o.LearningRate, o.Schedule)
}

// Slots returns one with a momentum, else none.
func (o SGD) Slots() []float32 {
	if o.Momentum > 0 {
		return []float32{0}
	}
	return nil
}

// Rates returns the learning rate.
func (o SGD) Rates(step int) []float32 {
	return []float32{float32(learningRate(o.LearningRate, 0.01, o.Schedule, step))}
}

// Record implements Optimizer.
func (o SGD) Record(u Update) []backend.Op {
	op := ops.SGD{Params: u.Params, Grads: u.Grads, Rates: u.Rates, Clock: u.Clock,
		N: u.Params.Len, Steps: u.Rates.Len, Momentum: o.Momentum, Nesterov: o.Nesterov}
	if o.Momentum > 0 {
		op.Velocity = u.Slots[0]
	}
	return []backend.Op{op}
}
