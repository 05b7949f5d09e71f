// Package optim holds the optimizers: how gradients change the parameters.
package optim

import (
	"fmt"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

// An Optimizer updates all parameters of a model at once: they lie in one flat arena.
type Optimizer interface {
	// Name is Keras's name of the optimizer: "SGD".
	Name() string
	// Check refuses options out of range.
	Check() error
	// Slots is how many values are kept for each parameter from step to step.
	Slots() int
	// Rate is the learning rate of a step, counted from 0 over the whole training.
	Rate(step int) float32
	// Record returns the operations of one update.
	Record(u Update) []backend.Op
}

// Update is what an optimizer works on.
type Update struct {
	Params, Grads backend.Region   // of the same length
	Slots         []backend.Region // as many as asked for, as long as Params, zero before the first step
	Rates         backend.Region   // the learning rate of each step of the epoch
	Clock         backend.Region   // the number of the step in the epoch
}

// SGD is gradient descent with or without momentum (Keras's SGD; Polyak, 1964; Nesterov, 1983). With gradient g:
//
//	no momentum:  w ← w − rate·g
//	momentum:     v ← momentum·v − rate·g,  w ← w + v
//	Nesterov:     v ← momentum·v − rate·g,  w ← w + momentum·v − rate·g
type SGD struct {
	LearningRate float32 // more than 0; zero means 0.01
	Momentum     float32 // 0 to 1 exclusive
	Nesterov     bool    // needs a momentum
}

// Name returns "SGD".
func (SGD) Name() string { return "SGD" }

// Check implements Optimizer.
func (o SGD) Check() error {
	switch {
	case !(o.LearningRate >= 0 && o.LearningRate <= maxRate):
		return fmt.Errorf("optim: SGD: learning rate is %v, want more than 0, at most %v", o.LearningRate, float32(maxRate))
	case !(o.Momentum >= 0 && o.Momentum < 1):
		return fmt.Errorf("optim: SGD: momentum is %v, want 0 to 1 exclusive", o.Momentum)
	case o.Nesterov && o.Momentum == 0:
		return fmt.Errorf("optim: SGD: Nesterov without a momentum, want a momentum of more than 0")
	}
	return nil
}

// maxRate refuses what can only be a slip.
const maxRate = 1e6

// Slots returns 1 with a momentum, else 0.
func (o SGD) Slots() int {
	if o.Momentum > 0 {
		return 1
	}
	return 0
}

// Rate returns the learning rate, the same for every step.
func (o SGD) Rate(int) float32 {
	if o.LearningRate == 0 {
		return 0.01
	}
	return o.LearningRate
}

// Record implements Optimizer.
func (o SGD) Record(u Update) []backend.Op {
	op := ops.SGD{Params: u.Params, Grads: u.Grads, Rates: u.Rates, Clock: u.Clock,
		N: u.Params.Len, Steps: u.Rates.Len, Momentum: o.Momentum, Nesterov: o.Nesterov}
	if o.Slots() > 0 {
		op.Velocity = u.Slots[0]
	}
	return []backend.Op{op}
}
