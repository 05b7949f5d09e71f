package data

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// Features are one input of all examples.
type Features struct {
	Shape  []int     // of one example: [28 28]
	Bytes  []uint8   // of all examples, one after the other, or
	Floats []float32 // the same; exactly one of the two is given
	Scale  float32   // a byte b is fed to the network as b·Scale; zero means 1/255. Floats are fed as they are.
}

// Size returns the number of features of one example.
func (f *Features) Size() int {
	n := 1
	for _, d := range f.Shape {
		n *= d
	}
	return n
}

// Len returns the number of examples.
func (f *Features) Len() int {
	if n := f.Size(); n > 0 {
		return (len(f.Bytes) + len(f.Floats)) / n
	}
	return 0
}

// Multiplier is what a stored feature is multiplied by when it is fed to the network: 1 for floats.
func (f *Features) Multiplier() float32 {
	switch {
	case f.Bytes == nil:
		return 1
	case f.Scale == 0:
		return 1.0 / 255
	}
	return f.Scale
}

// values returns all features as the network is fed them.
func (f *Features) values() []float32 {
	values := slices.Clone(f.Floats)
	for _, b := range f.Bytes {
		values = append(values, float32(b)*f.Multiplier())
	}
	return values
}

// check refuses what cannot be trained on.
func (f *Features) check() error {
	if len(f.Shape) == 0 {
		return errors.New("data: no shape")
	}
	for _, d := range f.Shape {
		if d < 1 {
			return fmt.Errorf("data: shape is %v, want axes of at least 1", f.Shape)
		}
	}
	total := len(f.Bytes) + len(f.Floats)
	switch {
	case f.Bytes != nil && f.Floats != nil:
		return errors.New("data: both Bytes and Floats are given, want one")
	case total == 0:
		return errors.New("data: the set is empty")
	case total%f.Size() != 0:
		return fmt.Errorf("data: %d features, want a multiple of %d for shape %v", total, f.Size(), f.Shape)
	case !(f.Scale >= 0) || math.IsInf(float64(f.Scale), 0):
		return fmt.Errorf("data: scale is %v, want a positive number, or 0 for 1/255", f.Scale)
	}
	return f.checkFloats()
}

func (f *Features) checkFloats() error {
	for i, v := range f.Floats {
		if v-v != 0 { // NaN and the infinities
			return fmt.Errorf("data: example %d, feature %d is %v", i/f.Size(), i%f.Size(), v)
		}
	}
	return nil
}

// slice returns the examples from number from to before number to. It shares their memory.
func (f Features) slice(from, to int) Features {
	n := f.Size()
	if f.Bytes != nil {
		f.Bytes = f.Bytes[from*n : to*n : to*n]
	} else {
		f.Floats = f.Floats[from*n : to*n : to*n]
	}
	return f
}

// pick returns the examples with the numbers, copied.
func (f Features) pick(numbers []int) Features {
	bytes, floats, n := f.Bytes, f.Floats, f.Size()
	f.Bytes, f.Floats = nil, nil
	for _, number := range numbers {
		if bytes != nil {
			f.Bytes = append(f.Bytes, bytes[number*n:(number+1)*n]...)
		} else {
			f.Floats = append(f.Floats, floats[number*n:(number+1)*n]...)
		}
	}
	return f
}

// first is the first input of the set.
func (s *Set) first() Features { return Features{s.Shape, s.Bytes, s.Floats, s.Scale} }

// setFirst changes the first input's features.
func (s *Set) setFirst(f Features) { s.Bytes, s.Floats = f.Bytes, f.Floats }

// AllInputs lists the features of every input, the set's own first.
func (s *Set) AllInputs() []Features { return append([]Features{s.first()}, s.Inputs...) }

// checkInputs refuses further inputs that cannot be trained on or have another number of examples.
func (s *Set) checkInputs() error {
	for i, f := range s.Inputs {
		if err := f.check(); err != nil {
			return fmt.Errorf("input %d: %w", i+1, err)
		}
		if f.Len() != s.Len() {
			return fmt.Errorf("data: input %d has %d examples, want %d, as many as the first", i+1, f.Len(), s.Len())
		}
	}
	return nil
}

// pickInputs returns every input's examples with the numbers, copied.
func (s *Set) pickInputs(numbers []int) []Features {
	inputs := slices.Clone(s.Inputs)
	for i, f := range inputs {
		inputs[i] = f.pick(numbers)
	}
	return inputs
}

// Moments returns the mean and the biased variance of each feature of the last axis, as the network is fed it, over all
// examples and all other axes, in float64.
func (f *Features) Moments() (mean, variance []float64) {
	n := f.Shape[len(f.Shape)-1]
	mean, variance = make([]float64, n), make([]float64, n)
	rows := float64(len(f.Bytes)+len(f.Floats)) / float64(n)
	f.each(func(i int, v float64) { mean[i%n] += v / rows })
	f.each(func(i int, v float64) { variance[i%n] += (v - mean[i%n]) * (v - mean[i%n]) / rows })
	return mean, variance
}

// each calls call with every feature of all examples, scaled.
func (f *Features) each(call func(i int, v float64)) {
	scale := float64(f.Scale)
	if f.Scale == 0 {
		scale = 1.0 / 255
	}
	for i, b := range f.Bytes {
		call(i, float64(b)*scale)
	}
	for i, v := range f.Floats {
		call(i, float64(v))
	}
}
