// Package data holds data sets in memory.
package data

import (
	"errors"
	"fmt"
	"math"
)

// A Set is a list of examples, each with the number of its class.
type Set struct {
	Shape  []int     // of one example: [28 28]
	Bytes  []uint8   // the features of all examples, one after the other, or
	Floats []float32 // the same; exactly one of the two is given
	Scale  float32   // a byte b is fed to the network as b·Scale; zero means 1/255. Floats are fed as they are.
	Labels []int     // the class of each example, from 0
	Names  []string  // of the classes, if known
}

// Features returns the number of features of one example.
func (s *Set) Features() int {
	n := 1
	for _, d := range s.Shape {
		n *= d
	}
	return n
}

// Len returns the number of examples.
func (s *Set) Len() int {
	if f := s.Features(); f > 0 {
		return (len(s.Bytes) + len(s.Floats)) / f
	}
	return 0
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
// a negative label, a label without a name, NaN or infinity.
func (s *Set) Check() error {
	if err := s.CheckExamples(); err != nil {
		return err
	}
	if len(s.Labels) != s.Len() {
		return fmt.Errorf("data: %d labels for %d examples", len(s.Labels), s.Len())
	}
	for i, label := range s.Labels {
		if label < 0 || label > math.MaxInt32 || len(s.Names) > 0 && label >= len(s.Names) {
			return fmt.Errorf("data: label %d is %d, want 0 to %d", i, label, s.highest())
		}
	}
	return nil
}

func (s *Set) highest() int {
	if len(s.Names) > 0 {
		return len(s.Names) - 1
	}
	return math.MaxInt32
}

// CheckExamples is Check without the labels.
func (s *Set) CheckExamples() error {
	if len(s.Shape) == 0 {
		return errors.New("data: no shape")
	}
	for _, d := range s.Shape {
		if d < 1 {
			return fmt.Errorf("data: shape is %v, want axes of at least 1", s.Shape)
		}
	}
	total := len(s.Bytes) + len(s.Floats)
	switch {
	case s.Bytes != nil && s.Floats != nil:
		return errors.New("data: both Bytes and Floats are given, want one")
	case total == 0:
		return errors.New("data: the set is empty")
	case total%s.Features() != 0:
		return fmt.Errorf("data: %d features, want a multiple of %d for shape %v", total, s.Features(), s.Shape)
	case !(s.Scale >= 0) || math.IsInf(float64(s.Scale), 0):
		return fmt.Errorf("data: scale is %v, want a positive number, or 0 for 1/255", s.Scale)
	}
	return s.checkFloats()
}

func (s *Set) checkFloats() error {
	for i, v := range s.Floats {
		if v-v != 0 { // NaN and the infinities
			return fmt.Errorf("data: example %d, feature %d is %v", i/s.Features(), i%s.Features(), v)
		}
	}
	return nil
}

// Slice returns the examples from number from to before number to. It shares their memory.
func (s *Set) Slice(from, to int) (*Set, error) {
	if from < 0 || to > s.Len() || from >= to {
		return nil, fmt.Errorf("data: examples [%d, %d) of %d", from, to, s.Len())
	}
	part, n := *s, s.Features()
	if s.Bytes != nil {
		part.Bytes = s.Bytes[from*n : to*n : to*n]
	} else {
		part.Floats = s.Floats[from*n : to*n : to*n]
	}
	if len(s.Labels) > 0 {
		part.Labels = s.Labels[from:to:to]
	}
	return &part, nil
}

// Select returns the examples with the given numbers, in their order, copied.
func (s *Set) Select(numbers []int) (*Set, error) {
	chosen, n := *s, s.Features()
	chosen.Bytes, chosen.Floats, chosen.Labels = nil, nil, nil
	for i, number := range numbers {
		if number < 0 || number >= s.Len() {
			return nil, fmt.Errorf("data: select: number %d is %d, want 0 to %d", i, number, s.Len()-1)
		}
		if s.Bytes != nil {
			chosen.Bytes = append(chosen.Bytes, s.Bytes[number*n:(number+1)*n]...)
		} else {
			chosen.Floats = append(chosen.Floats, s.Floats[number*n:(number+1)*n]...)
		}
		if len(s.Labels) > 0 {
			chosen.Labels = append(chosen.Labels, s.Labels[number])
		}
	}
	return &chosen, nil
}

// Moments returns the mean and the biased variance of each feature of the last axis, as the network is fed it, over all
// examples and all other axes, in float64.
func (s *Set) Moments() (mean, variance []float64) {
	n := s.Shape[len(s.Shape)-1]
	mean, variance = make([]float64, n), make([]float64, n)
	rows := float64(len(s.Bytes)+len(s.Floats)) / float64(n)
	s.each(func(i int, v float64) { mean[i%n] += v / rows })
	s.each(func(i int, v float64) { variance[i%n] += (v - mean[i%n]) * (v - mean[i%n]) / rows })
	return mean, variance
}

// each calls f with every feature of all examples, scaled.
func (s *Set) each(f func(i int, v float64)) {
	scale := float64(s.Scale)
	if scale == 0 {
		scale = 1.0 / 255
	}
	for i, b := range s.Bytes {
		f(i, float64(b)*scale)
	}
	for i, v := range s.Floats {
		f(i, float64(v))
	}
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
