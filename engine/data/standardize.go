package data

import (
	"fmt"
	"math"
	"slices"
)

// A Standardizer gives each feature of the last axis mean 0 and standard deviation 1: y = (x − mean)/deviation, of the first input, as it is fed to the
// network. A feature that does not vary becomes 0. It is made of the training set and applied to all (scikit-learn's StandardScaler);
// nn.Normalization does the same inside the network.
type Standardizer struct {
	Mean, StdDev []float64
}

// Standardizer returns the one that makes the set's own features standard.
func (s *Set) Standardizer() (*Standardizer, error) {
	if err := s.CheckExamples(); err != nil {
		return nil, err
	}
	mean, variance := s.Moments()
	z := &Standardizer{Mean: mean, StdDev: variance}
	for i, v := range variance {
		if z.StdDev[i] = math.Sqrt(v); math.Sqrt(v) <= 1e-7*math.Abs(mean[i]) { // rounding makes a little of nothing
			z.StdDev[i] = 0
		}
	}
	return z, nil
}

// Apply returns the set with standard features, as floats; it may be given to Stream.Map.
func (z *Standardizer) Apply(s *Set) (*Set, error) {
	if err := s.CheckExamples(); err != nil {
		return nil, err
	}
	if n := s.Shape[len(s.Shape)-1]; n != len(z.Mean) || n != len(z.StdDev) {
		return nil, fmt.Errorf("data: standardize: the last axis of %v has %d features, want %d", s.Shape, n, len(z.Mean))
	}
	made := *s
	f := s.first()
	made.Bytes, made.Scale, made.Floats = nil, 0, f.values()
	made.Shape = slices.Clone(s.Shape)
	for i, v := range made.Floats {
		c := i % len(z.Mean)
		if made.Floats[i] = 0; z.StdDev[c] > 0 {
			made.Floats[i] = float32((float64(v) - z.Mean[c]) / z.StdDev[c])
		}
	}
	return &made, nil
}
