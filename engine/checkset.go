package engine

import (
	"errors"
	"fmt"
	"slices"

	"github.com/gradus-ml/gradus/engine/data"
)

func (m *Model) checkFit(train, validation material, fit Fit) error {
	switch {
	case m.store == nil:
		return errClosed
	case fit.Epochs < 0:
		return fmt.Errorf("epochs is %d, want at least 1", fit.Epochs)
	case fit.BatchSize < 0:
		return fmt.Errorf("batch size is %d, want at least 1", fit.BatchSize)
	}
	if fit.MicroBatch < 0 || fit.MicroBatch > 0 && fit.BatchSize%fit.MicroBatch != 0 {
		return fmt.Errorf("micro-batch is %d, want a divisor of the batch size, %d", fit.MicroBatch, fit.BatchSize)
	}
	if err := callbacks(fit.Callbacks).check(); err != nil {
		return err
	}
	if err := m.checkSet(train.set, true); err != nil {
		return fmt.Errorf("training set: %w", err)
	}
	if err := checkClassWeight(train, fit.ClassWeight); err != nil {
		return err
	}
	if train.stream == nil && fit.BatchSize > train.set.Len() {
		return fmt.Errorf("batch size is %d, want at most %d, the size of the training set", fit.BatchSize, train.set.Len())
	}
	if validation.given() {
		if err := m.checkSet(validation.set, true); err != nil {
			return fmt.Errorf("validation set: %w", err)
		}
	}
	return nil
}

// checkSet refuses a data set that does not fit the network.
func (m *Model) checkSet(set *data.Set, labelled bool) error {
	if set == nil {
		return errors.New("no data set")
	}
	check := set.Check
	if !labelled {
		check = set.CheckExamples
	}
	if err := check(); err != nil {
		return err
	}
	if err := m.checkInputs(set); err != nil {
		return err
	}
	if !labelled {
		return nil
	}
	return m.checkAnswers(set)
}

// checkAnswers refuses labels and targets that do not fit the network's outputs.
func (m *Model) checkAnswers(set *data.Set) error {
	shapes := m.net.OutputShapes()
	if len(set.Outputs) >= len(shapes) {
		return fmt.Errorf("answers for %d outputs, want at most %d", 1+len(set.Outputs), len(shapes))
	}
	for i, a := range set.AllAnswers(len(shapes)) {
		if err := fits(a, shapes[i]); err != nil {
			if len(shapes) > 1 {
				return fmt.Errorf("output %d: %w", i, err)
			}
			return err
		}
	}
	return nil
}

// fits refuses answers that an output of the shape cannot give.
func fits(a data.Answers, shape []int) error {
	if len(a.Targets) > 0 {
		if !slices.Equal(a.Shape, shape) {
			return fmt.Errorf("targets are %v, want %v, the shape of the network's output", a.Shape, shape)
		}
		return nil
	}
	outputs := shape[len(shape)-1]
	for i, label := range a.Labels {
		if label >= max(2, outputs) { // one output tells two classes apart
			return fmt.Errorf("label %d is %d, want 0 to %d for a network with %d outputs", i, label, max(2, outputs)-1, outputs)
		}
	}
	return nil
}

// checkInputs refuses a data set with other inputs than the network's.
func (m *Model) checkInputs(set *data.Set) error {
	inputs, want := set.AllInputs(), m.net.Inputs()
	if len(inputs) != len(want) {
		return fmt.Errorf("%d inputs, want %d, as many as the network has (see data.Set.Inputs)", len(inputs), len(want))
	}
	for i, input := range inputs {
		if !slices.Equal(input.Shape, want[i]) {
			if len(want) > 1 {
				return fmt.Errorf("examples of input %d are %v, want %v, the shape of its nn.Input", i, input.Shape, want[i])
			}
			return fmt.Errorf("examples are %v, want %v, the shape of nn.Input", input.Shape, want[i])
		}
	}
	return nil
}
