package engine

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/graph"
	"github.com/gradus-ml/gradus/engine/nn"
)

// A State is everything that training hands on from one step to the next, as numbers of the host: a model of the same network and training, on
// any device, that is set to it goes on as this one would have. On the same backend, it gives the same bits.
type State struct {
	Seed      uint64       // that of the Training
	Optimizer string       // its name
	Values    nn.Weights   // of all variables
	Slots     []nn.Weights // what the optimizer keeps for the variables that are trained
	Draws     uint32       // steps that have drawn random numbers
	Steps     int          // made so far
	Epochs    int          // complete so far
	Factor    float64      // of the learning rate; see Model.SetLearningRate
	// Run is how far the Fit is in which the State was taken; nil for one taken between two. The next Fit goes on with it. Set it to
	// nil, before SetState, to begin another instead.
	Run *Run
}

// Run is how far a Fit is.
type Run struct {
	Examples, BatchSize, MicroBatch int  // as the Fit has them
	Buffer                          int  // of a stream; 0 for a set in memory
	DropRemainder, InOrder          bool // as the Fit has them
	History                         []Epoch
	Position                        Position
	Callbacks                       []CallbackState // of those that are Stateful
}

// Position is a place within an epoch; the zero value is its beginning.
type Position struct {
	Steps    int           // made
	Factor   float64       // of the learning rate, when the epoch began
	Sums     []float64     // of loss and metrics over these steps' examples
	Losses   []float64     // of each step's batch
	Duration time.Duration // of the steps
}

// maxCount is how many steps or epochs a State may count.
const maxCount = 1<<31 - 1

// State reads everything that training hands on from one step to the next. Called by a callback, it has how far the Fit is as well, and the
// state of the Stateful callbacks as it is then: the last callback in the list has heard all that the others have.
func (m *Model) State() (s *State, err error) {
	s = &State{Seed: m.training.Seed, Optimizer: m.training.Optimizer.Name(), Steps: m.steps, Epochs: m.epochs, Factor: m.factor}
	if s.Values, err = m.weights(); err != nil {
		return nil, &deviceError{err}
	}
	for i := range m.slots {
		values, err := m.readSlot(i)
		if err != nil {
			return nil, &deviceError{fmt.Errorf("engine: reading the optimizer's state: %w", err)}
		}
		s.Slots = append(s.Slots, values)
	}
	if s.Draws, err = m.draws(); err != nil {
		return nil, &deviceError{fmt.Errorf("engine: reading the clock of random numbers: %w", err)}
	}
	if s.Run = m.resume; s.Run == nil && m.trainer != nil {
		s.Run, err = m.trainer.run()
	}
	return s, err
}

// slotted lists the variables that the optimizer keeps something for.
func (m *Model) slotted() []*graph.Variable {
	return slices.DeleteFunc(slices.Clone(m.store.Variables()), func(v *graph.Variable) bool { return !v.Trainable })
}

// inSlot returns where one of the optimizer's slots has what belongs to a variable.
func (m *Model) inSlot(slot int, v *graph.Variable) backend.Region {
	region := m.store.Value(v)
	region.Buffer = m.slots[slot]
	return region
}

func (m *Model) readSlot(slot int) (nn.Weights, error) {
	values := nn.Weights{}
	for _, v := range m.slotted() {
		values[v.Name] = make([]float32, v.Size())
		if err := backend.Download(m.dev, values[v.Name], m.inSlot(slot, v)); err != nil {
			return nil, err
		}
	}
	return values, nil
}

func (m *Model) draws() (uint32, error) {
	if !m.store.Drawing() {
		return 0, nil
	}
	clock, err := m.store.Clock()
	if err != nil {
		return 0, err
	}
	n := make([]uint32, 1)
	err = backend.Download(m.dev, n, clock)
	return n[0], err
}

// SetState brings the model to a State, of a model with the same variables, frozen layers, optimizer and seed. All is checked before
// anything is changed. If the State was taken during a Fit, the next Fit goes on with that one: its Epochs counts from the beginning of the
// interrupted one, its history is the whole, and it is given the same set, batch size and Stateful callbacks.
func (m *Model) SetState(s *State) error {
	if m.store == nil {
		return errClosed
	}
	err := errors.New("a Fit is under way")
	if m.trainer == nil {
		err = m.setState(s)
	}
	if err != nil {
		return fmt.Errorf("engine: set state: %w", err)
	}
	return nil
}

func (m *Model) setState(s *State) error {
	if err := m.checkState(s); err != nil {
		return err
	}
	if err := m.writeState(s); err != nil {
		return err
	}
	m.steps, m.epochs, m.factor, m.resume = s.Steps, s.Epochs, s.Factor, s.Run
	return nil
}

func (m *Model) writeState(s *State) error {
	if err := m.setWeights(s.Values); err != nil {
		return err
	}
	for i, values := range s.Slots {
		for _, v := range m.slotted() {
			if err := backend.Upload(m.dev, m.inSlot(i, v), values[v.Name]); err != nil {
				return err
			}
		}
	}
	return m.setDraws(s.Draws)
}

func (m *Model) setDraws(draws uint32) error {
	clock, err := m.store.Clock()
	if err != nil {
		return err
	}
	return backend.Upload(m.dev, clock, []uint32{draws})
}

// checkState refuses a State of another model, and numbers that cannot be.
func (m *Model) checkState(s *State) error {
	switch own := m.training.Optimizer.Name(); {
	case s == nil:
		return fmt.Errorf("no state")
	case s.Seed != m.training.Seed:
		return fmt.Errorf("the seed is %d, want %d, the model's", s.Seed, m.training.Seed)
	case s.Optimizer != own:
		return fmt.Errorf("the optimizer is %q, want %q, the model's", s.Optimizer, own)
	case len(s.Slots) != len(m.slots):
		return fmt.Errorf("the optimizer keeps %d values for each parameter, want %d as the model's %s", len(s.Slots), len(m.slots), own)
	case s.Steps < 0 || s.Steps > maxCount || s.Epochs < 0 || s.Epochs > maxCount:
		return fmt.Errorf("%d steps and %d epochs, want 0 to %d", s.Steps, s.Epochs, maxCount)
	case !(s.Factor >= 0 && s.Factor-s.Factor == 0):
		return fmt.Errorf("the factor of the learning rate is %v, want a finite number of at least 0", s.Factor)
	}
	if err := fitVariables("the values", s.Values, m.store.Variables()); err != nil {
		return err
	}
	for i, values := range s.Slots {
		if err := fitVariables(fmt.Sprintf("the optimizer's values %d", i), values, m.slotted()); err != nil {
			return err
		}
	}
	return s.Run.check(s)
}

// fitVariables refuses values that are not those of exactly the variables.
func fitVariables(what string, values nn.Weights, variables []*graph.Variable) error {
	names := map[string]bool{}
	for _, v := range variables {
		names[v.Name] = true
		got, ok := values[v.Name]
		if !ok {
			return fmt.Errorf("%s lack %q", what, v.Name)
		}
		if len(got) != v.Size() {
			return fmt.Errorf("%s of %q are %d, want %d for shape %v", what, v.Name, len(got), v.Size(), v.Shape)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !names[name] {
			return fmt.Errorf("%s have %q, which the model does not", what, name)
		}
	}
	return nil
}
