package engine

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/gradus-ml/gradus/engine/nn"
)

// Stateful is implemented by callbacks that hand something on from step to step, or from epoch to epoch: it goes into a State, and so into
// checkpoints.
type Stateful interface {
	// CallbackState returns what the callback hands on.
	CallbackState() (CallbackState, error)
	// SetCallbackState takes it back, after RunBegin of the Fit that goes on.
	SetCallbackState(s CallbackState) error
}

// CallbackState is the state of a callback.
type CallbackState struct {
	Type    string          // of the callback, filled in by the engine: "*engine.EarlyStopping"
	Numbers json.RawMessage // few numbers, as JSON of the callback's own
	Arrays  nn.Weights      // many numbers, such as weights
}

// run describes how far the Fit is.
func (t *trainer) run() (*Run, error) {
	r := t.describe()
	complete := min(len(t.history.Epochs), t.epochs-t.first) // the epoch that a context ended is in the history, too
	r.History, r.Position = slices.Clone(t.history.Epochs[:complete]), t.at
	r.Position.Sums, r.Position.Losses = slices.Clone(t.at.Sums), slices.Clone(t.at.Losses)
	for _, c := range t.callbacks.stateful() {
		s, err := c.CallbackState()
		if err != nil {
			return nil, fmt.Errorf("engine: the state of %T: %w", c, err)
		}
		s.Type = fmt.Sprintf("%T", c)
		r.Callbacks = append(r.Callbacks, s)
	}
	return r, nil
}

// describe returns a Run with what the Fit was given.
func (t *trainer) describe() *Run {
	r := &Run{Examples: len(t.pass.identity), BatchSize: t.fit.BatchSize, MicroBatch: t.fit.MicroBatch,
		DropRemainder: t.fit.DropRemainder, InOrder: t.fit.InOrder}
	if s := t.pass.stream; s != nil {
		r.Examples, r.Buffer = s.Len, t.pass.examples/slots
	}
	return r
}

func (list callbacks) stateful() (stateful []Stateful) {
	for _, c := range list {
		if s, ok := c.(Stateful); ok {
			stateful = append(stateful, s)
		}
	}
	return stateful
}

// goOn begins where the Fit that the model's State came from was, if it came from one.
func (t *trainer) goOn() error {
	r := t.resume
	if r == nil {
		return nil
	}
	if err := t.fits(r); err != nil {
		return fmt.Errorf("the Fit to go on with: %w", err)
	}
	for i, c := range t.callbacks.stateful() {
		if err := c.SetCallbackState(r.Callbacks[i]); err != nil {
			return fmt.Errorf("the Fit to go on with: the state of %T: %w", c, err)
		}
	}
	t.history.Epochs, t.at = slices.Clone(r.History), r.Position
	t.first, t.resume = t.epochs-len(r.History), nil
	return nil
}

// fits refuses to go on with a Fit that takes other examples in its steps, or has other callbacks.
func (t *trainer) fits(r *Run) error {
	own := t.describe()
	switch {
	case r.Examples != own.Examples:
		return fmt.Errorf("the set has %d examples, want %d as before", own.Examples, r.Examples)
	case r.Buffer != own.Buffer:
		return fmt.Errorf("%d examples of the stream are resident at once, want %d as before; 0 stands for a set in memory", own.Buffer, r.Buffer)
	case r.BatchSize != own.BatchSize || r.MicroBatch != own.MicroBatch:
		return fmt.Errorf("batch size is %d and micro-batch %d, want %d and %d as before", own.BatchSize, own.MicroBatch, r.BatchSize, r.MicroBatch)
	case r.DropRemainder != own.DropRemainder || r.InOrder != own.InOrder:
		return fmt.Errorf("DropRemainder is %v and InOrder %v, want %v and %v as before", own.DropRemainder, own.InOrder, r.DropRemainder, r.InOrder)
	case t.pass.expected() >= 0 && r.Position.Steps > t.pass.expected():
		return fmt.Errorf("%d steps of the epoch are made, want at most %d", r.Position.Steps, t.pass.expected())
	case r.Position.Steps > 0 && len(r.Position.Sums) != widthOf(t.scores):
		return fmt.Errorf("%d sums of loss and metrics, want %d as the model has", len(r.Position.Sums), widthOf(t.scores))
	}
	return t.callbacks.match(r.Callbacks)
}

// match refuses states of other callbacks.
func (list callbacks) match(states []CallbackState) error {
	own := list.stateful()
	for i := range max(len(own), len(states)) {
		got, want := "none", "none"
		if i < len(own) {
			got = fmt.Sprintf("%T", own[i])
		}
		if i < len(states) {
			want = states[i].Type
		}
		if got != want {
			return fmt.Errorf("callback with a state number %d is %s, want %s as before", i, got, want)
		}
	}
	return nil
}

// check refuses numbers that cannot be.
func (r *Run) check(s *State) error {
	if r == nil {
		return nil
	}
	p := r.Position
	switch {
	case p.Steps < 0 || p.Steps > s.Steps:
		return fmt.Errorf("%d steps of the epoch are made, want 0 to %d, as many as there were in all", p.Steps, s.Steps)
	case len(p.Losses) != p.Steps:
		return fmt.Errorf("%d losses of the epoch's steps, want %d", len(p.Losses), p.Steps)
	case p.Steps > 0 && !(p.Factor >= 0 && p.Factor-p.Factor == 0):
		return fmt.Errorf("the epoch's factor of the learning rate is %v, want a finite number of at least 0", p.Factor)
	case len(r.History) > s.Epochs:
		return fmt.Errorf("a history of %d epochs, want at most %d", len(r.History), s.Epochs)
	}
	return nil
}
