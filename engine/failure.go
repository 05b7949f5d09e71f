package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/nn"
)

// Failure is the error of a Fit that was ended by its device, by a callback or by numbers that are not finite; find it with errors.As. What is
// left is in State: the last that was read to the host and is finite, which SetState brings this model to, or one of the same network on any other
// device, so that the next Fit goes on from there.
type Failure struct {
	Epoch  int    // in which it happened, from 1, over all calls of Fit
	Step   int    // steps of that epoch that are known to be made
	Device bool   // the device failed: what it holds cannot be trusted
	State  *State // nil if there is none: see Fit.Snapshot
	Err    error  // says what happened
}

// Error implements error.
func (f *Failure) Error() string { return f.Err.Error() }

// Unwrap gives the cause.
func (f *Failure) Unwrap() error { return f.Err }

// deviceError marks an error of the device.
type deviceError struct{ err error }

func (e *deviceError) Error() string { return e.err.Error() }
func (e *deviceError) Unwrap() error { return e.err }

// failure makes a Failure of what ended the Fit, unless that was its caller's context.
func (t *trainer) failure(ctx context.Context, err error) error {
	if err == nil || ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return err
	}
	var broken *deviceError
	f := &Failure{Epoch: t.epochs + 1, Step: t.at.Steps, State: t.snapshot.last, Err: err}
	f.Device = errors.As(err, &broken) || t.dev.Sync() != nil
	return f
}

// moveTo puts the model on another device, in a State.
func (m *Model) moveTo(dev backend.Backend, s *State) error {
	made, err := Compile(dev, m.net, m.training)
	if err != nil {
		return fmt.Errorf("engine: fallback: %w", err)
	}
	if err := made.SetState(s); err != nil {
		return fmt.Errorf("engine: fallback: %w", errors.Join(err, made.Close()))
	}
	_ = m.Close() // of a device that failed: that it cannot be waited for is known
	*m = *made
	return nil
}

// snapshot is the last State that was read to the host.
type snapshot struct {
	last *State
	took time.Duration // reading it
	at   time.Time     // when that was done
}

// fiftieth is how many times as long as reading one took passes before the next, if nobody asked for them.
const fiftieth = 50

// begin takes one when the Fit begins.
func (s *snapshot) begin(t *trainer) error {
	if t.fit.Snapshot < 0 {
		return nil
	}
	return s.take(t)
}

// steps takes one when so many steps of the epoch are made, if asked for.
func (s *snapshot) steps(t *trainer, done int) error {
	if t.fit.Snapshot <= 0 || done%t.fit.Snapshot != 0 {
		return nil
	}
	return s.take(t)
}

// epoch takes one between two epochs, if asked for or if it costs little.
func (s *snapshot) epoch(t *trainer) error {
	if t.fit.Snapshot < 0 || t.fit.Snapshot == 0 && time.Since(s.at) < fiftieth*s.took {
		return nil
	}
	return s.take(t)
}

// take reads the State and keeps it if it is finite.
func (s *snapshot) take(t *trainer) error {
	start := time.Now()
	state, err := t.Model.State()
	if err != nil {
		return err
	}
	if state.finite() {
		s.last = state
	}
	s.at = time.Now()
	s.took = s.at.Sub(start)
	return nil
}

// finite reports whether all numbers are.
func (s *State) finite() bool {
	for _, weights := range append([]nn.Weights{s.Values}, s.Slots...) {
		for _, values := range weights {
			if _, bad := spoilt(values); bad {
				return false
			}
		}
	}
	return true
}
