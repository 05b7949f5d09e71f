// Package data holds data sets in memory.
package data

import (
	"fmt"
	"slices"
)

// A Set is a list of examples, each with the number of its class or with targets.
type Set struct {
	Shape  []int     // of one example: [28 28]
	Bytes  []uint8   // the features of all examples, one after the other, or
	Floats []float32 // the same; exactly one of the two is given
	Scale  float32   // a byte b is fed to the network as b·Scale; zero means 1/255. Floats are fed as they are.
	Labels []int     // the class of each example, from 0
	Names  []string  // of the classes, if known
	// Targets are what a network's outputs should be, in place of Labels: those of all examples, one after the other, each of TargetShape.
	Targets     []float32
	TargetShape []int
	Weights     []float32 // of the examples in the loss, at least 0; nil means 1 for each
	// Inputs are the features for the second and further inputs of a network that has several; those above are for the first.
	Inputs []Features
	// Outputs are the answers for the second and further outputs of a network that has several; those above are for the first, and for
	// all where there are no others.
	Outputs []Answers
}

// Features returns the number of features of one example, of several inputs the first's.
func (s *Set) Features() int {
	f := s.first()
	return f.Size()
}

// Len returns the number of examples.
func (s *Set) Len() int {
	f := s.first()
	return f.Len()
}

// Classes returns the number of classes: that of the names, or the largest label and one.
func (s *Set) Classes() int {
	n := len(s.Names)
	for _, label := range s.Labels {
		n = max(n, label+1)
	}
	return n
}

// Check refuses a set whose parts do not fit together or that holds what cannot be trained on: no examples,
// neither labels nor targets or both, a negative label, a label without a name, a negative weight, NaN or infinity.
func (s *Set) Check() error {
	if err := s.CheckExamples(); err != nil {
		return err
	}
	if err := s.checkAnswers(); err != nil {
		return err
	}
	for i, label := range s.Labels {
		if len(s.Names) > 0 && label >= len(s.Names) {
			return fmt.Errorf("data: label %d is %d, want 0 to %d", i, label, len(s.Names)-1)
		}
	}
	return nil
}

// CheckExamples is Check without the labels, targets and weights.
func (s *Set) CheckExamples() error {
	f := s.first()
	if err := f.check(); err != nil {
		return err
	}
	return s.checkInputs()
}

// Slice returns the examples from number from to before number to. It shares their memory.
func (s *Set) Slice(from, to int) (*Set, error) {
	if from < 0 || to > s.Len() || from >= to {
		return nil, fmt.Errorf("data: examples [%d, %d) of %d", from, to, s.Len())
	}
	part := *s
	part.setFirst(s.first().slice(from, to))
	part.Inputs = slices.Clone(s.Inputs)
	for i, f := range part.Inputs {
		part.Inputs[i] = f.slice(from, to)
	}
	part.setAnswer(s.answer().slice(from, to))
	part.Outputs = slices.Clone(s.Outputs)
	for i, a := range part.Outputs {
		part.Outputs[i] = a.slice(from, to)
	}
	if s.Weights != nil {
		part.Weights = s.Weights[from:to:to]
	}
	return &part, nil
}

// Select returns the examples with the given numbers, in their order, copied.
func (s *Set) Select(numbers []int) (*Set, error) {
	for i, number := range numbers {
		if number < 0 || number >= s.Len() {
			return nil, fmt.Errorf("data: select: number %d is %d, want 0 to %d", i, number, s.Len()-1)
		}
	}
	chosen := *s
	chosen.setFirst(s.first().pick(numbers))
	chosen.setAnswer(s.answer().pick(numbers))
	chosen.Inputs, chosen.Outputs, chosen.Weights = s.pickInputs(numbers), slices.Clone(s.Outputs), nil
	for i, a := range chosen.Outputs {
		chosen.Outputs[i] = a.pick(numbers)
	}
	for _, number := range numbers {
		if s.Weights != nil {
			chosen.Weights = append(chosen.Weights, s.Weights[number])
		}
	}
	return &chosen, nil
}

// Moments returns those of the first input.
func (s *Set) Moments() (mean, variance []float64) {
	f := s.first()
	return f.Moments()
}

// Numbers returns the numbers of all examples in their order, each the given number of times in a row.
func (s *Set) Numbers(times int) []uint32 {
	list := make([]uint32, 0, s.Len()*times)
	for i := range s.Len() {
		for range times {
			list = append(list, uint32(i))
		}
	}
	return list
}
