package engine

import (
	"errors"
	"fmt"
)

// Stop, returned by a callback, ends Fit early and without an error.
var Stop = errors.New("stop")

// A Callback is told how a Fit goes. It implements one or more of RunBeginner, EpochBeginner, StepWatcher, EpochEnder and RunEnder; an error from
// any of them ends the training. A type of a user's own need only have the methods. Pointers that keep state begin anew
// with each Fit if they implement RunBeginner.
type Callback any

// RunBeginner is told that training is about to begin.
type RunBeginner interface {
	RunBegin(m *Model, fit Fit) error
}

// EpochBeginner is told that an epoch is about to begin: its number is from 1, over all calls of Fit.
type EpochBeginner interface {
	EpochBegin(m *Model, epoch int) error
}

// StepWatcher is told of steps that were made, some at a time: the device runs many steps without waiting for the host.
type StepWatcher interface {
	StepsEnd(m *Model, s Steps) error
}

// EpochEnder is told of each complete epoch, after its validation.
type EpochEnder interface {
	EpochEnd(m *Model, e Epoch) error
}

// RunEnder is told that training has ended, also after an error or Stop.
type RunEnder interface {
	RunEnd(m *Model, h *History) error
}

// Steps are steps that were made one after the other.
type Steps struct {
	Epoch  int       // from 1, over all calls of Fit
	Last   int       // number of the last epoch of this Fit
	First  int       // the number of the first of them in the epoch, from 0
	Of     int       // how many steps the epoch has; -1 for a stream that does not say
	Losses []float64 // the mean loss of each step's batch, before its update
	Number int       // the number of the first of them over all calls of Fit, from 0
	Rates  []float64 // the learning rate of each
}

// StepFunc, EpochFunc and RunFunc make callbacks of functions.
type (
	StepFunc  func(m *Model, s Steps) error
	EpochFunc func(m *Model, e Epoch) error
	RunFunc   func(m *Model, h *History) error
)

// StepsEnd implements StepWatcher.
func (f StepFunc) StepsEnd(m *Model, s Steps) error { return f(m, s) }

// EpochEnd implements EpochEnder.
func (f EpochFunc) EpochEnd(m *Model, e Epoch) error { return f(m, e) }

// RunEnd implements RunEnder.
func (f RunFunc) RunEnd(m *Model, h *History) error { return f(m, h) }

// callbacks are those of one Fit.
type callbacks []Callback

// check refuses what implements none of the interfaces: a method with a slip in its name, say.
func (list callbacks) check() error {
	for i, c := range list {
		switch c.(type) {
		case RunBeginner, EpochBeginner, StepWatcher, EpochEnder, RunEnder:
		default:
			return fmt.Errorf("callback %d is a %T, want a RunBeginner, EpochBeginner, StepWatcher, EpochEnder or RunEnder", i, c)
		}
	}
	return nil
}

func (list callbacks) runBegin(m *Model, fit Fit) error {
	return tell(list, func(c RunBeginner) error { return c.RunBegin(m, fit) })
}

func (list callbacks) epochBegin(m *Model, epoch int) error {
	return tell(list, func(c EpochBeginner) error { return c.EpochBegin(m, epoch) })
}

func (list callbacks) steps(m *Model, s Steps) error {
	return tell(list, func(c StepWatcher) error { return c.StepsEnd(m, s) })
}

func (list callbacks) epochEnd(m *Model, e Epoch) error {
	return tell(list, func(c EpochEnder) error { return c.EpochEnd(m, e) })
}

// runEnd tells all of them, whatever the others say.
func (list callbacks) runEnd(m *Model, h *History) error {
	var errs []error
	for _, c := range list {
		if c, ok := c.(RunEnder); ok {
			errs = append(errs, c.RunEnd(m, h))
		}
	}
	return errors.Join(errs...)
}

// keeper is implemented by callbacks that keep the state of a Fit: they are called when all callbacks have heard of the epoch, or of the steps.
type keeper interface {
	// keep is told how many steps of the epoch are made; 0 between two epochs.
	keep(m *Model, steps int) error
	// stop is told that training ends, and why, before callbacks hear of it.
	stop(m *Model, why error) error
}

func (list callbacks) keep(m *Model, steps int) error {
	return tell(list, func(c keeper) error { return c.keep(m, steps) })
}

func (list callbacks) stopped(m *Model, why error) error {
	return tell(list, func(c keeper) error { return c.stop(m, why) })
}

// tell calls those that listen, and the rest of them after a Stop too: they have to hear of the same epochs.
func tell[T any](list callbacks, call func(T) error) error {
	var stop error
	for _, c := range list {
		listener, ok := c.(T)
		if !ok {
			continue
		}
		if err := call(listener); errors.Is(err, Stop) {
			stop = err
		} else if err != nil {
			return fmt.Errorf("%T: %w", c, err)
		}
	}
	return stop
}
