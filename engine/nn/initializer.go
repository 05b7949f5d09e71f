package nn

import (
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/engine/random"
)

// An Initializer sets the initial values of a variable from random numbers that depend on the seed and the variable
// alone, not on the backend. As an option of Dense it is the kernel's.
type Initializer struct {
	name  string
	scale float64
	mode  FanMode
	dist  Distribution
}

// FanMode says which count of connections a variance is divided by.
type FanMode uint8

// The modes. A kernel of shape [in out] has FanIn = in and FanOut = out; FanAvg is their mean.
const (
	FanIn FanMode = iota
	FanOut
	FanAvg
)

// Distribution is where random values come from.
type Distribution uint8

// The distributions. TruncatedNormal redraws, in effect, what lies beyond two standard deviations and widens the rest so
// that the variance is kept, as Keras does.
const (
	TruncatedNormal Distribution = iota
	UntruncatedNormal
	Uniform
	constant
)

// The initializers that go by name in Keras: variance scale/fan.
var (
	GlorotUniform = Initializer{"glorot_uniform", 1, FanAvg, Uniform}        // Glorot and Bengio, 2010
	GlorotNormal  = Initializer{"glorot_normal", 1, FanAvg, TruncatedNormal} // Glorot and Bengio, 2010
	HeUniform     = Initializer{"he_uniform", 2, FanIn, Uniform}             // He et al., 2015
	HeNormal      = Initializer{"he_normal", 2, FanIn, TruncatedNormal}      // He et al., 2015
	LeCunUniform  = Initializer{"lecun_uniform", 1, FanIn, Uniform}          // LeCun et al., 1998
	LeCunNormal   = Initializer{"lecun_normal", 1, FanIn, TruncatedNormal}   // LeCun et al., 1998
	Zeros         = Initializer{name: "zeros", scale: 0, dist: constant}     // 0
	Ones          = Initializer{name: "ones", scale: 1, dist: constant}      // 1
)

// VarianceScaling draws values of mean 0 and variance scale/fan; scale must be positive.
func VarianceScaling(scale float64, mode FanMode, dist Distribution) Initializer {
	return Initializer{"variance_scaling", scale, mode, dist}
}

// Constant sets every value to v.
func Constant(v float64) Initializer { return Initializer{name: "constant", scale: v, dist: constant} }

// String returns the initializer's name.
func (i Initializer) String() string { return i.name }

func (i Initializer) check() error {
	switch {
	case i.dist == constant && !math.IsNaN(i.scale) && !math.IsInf(i.scale, 0):
		return nil
	case i.dist == constant || !(i.scale > 0) || math.IsInf(i.scale, 0):
		return fmt.Errorf("initializer %s: scale is %v, want a positive number", i.name, i.scale)
	case i.mode > FanAvg || i.dist > constant:
		return fmt.Errorf("initializer %s: unknown mode %d or distribution %d", i.name, i.mode, i.dist)
	}
	return nil
}

// fill returns the function that draws values for a variable of the shape.
func (i Initializer) fill(shape []int) func(s *random.Stream, dst []float32) {
	draw := i.draw(i.variance(shape))
	return func(s *random.Stream, dst []float32) {
		for j := range dst {
			dst[j] = float32(draw(s))
		}
	}
}

func (i Initializer) variance(shape []int) float64 {
	in, out := fans(shape)
	return i.scale / [...]float64{in, out, (in + out) / 2}[min(i.mode, FanAvg)]
}

// fans follow Keras: the last axis goes out, the one before comes in, and all others multiply both.
func fans(shape []int) (in, out float64) {
	n := len(shape)
	if n < 2 {
		size := 1
		for _, d := range shape {
			size = d
		}
		return float64(size), float64(size)
	}
	field := 1
	for _, d := range shape[:n-2] {
		field *= d
	}
	return float64(field * shape[n-2]), float64(field * shape[n-1])
}

const (
	withinTwoSigma = 0.9544997361036416  // probability that a normal value lies within two standard deviations
	truncatedSigma = 0.87962566103423978 // standard deviation of a normal value, given that it does
)

func (i Initializer) draw(variance float64) func(*random.Stream) float64 {
	sigma := math.Sqrt(variance)
	switch i.dist {
	case TruncatedNormal:
		return func(s *random.Stream) float64 {
			return sigma / truncatedSigma * math.Sqrt2 * math.Erfinv(withinTwoSigma*(2*s.Float64()-1))
		}
	case UntruncatedNormal:
		return func(s *random.Stream) float64 { return sigma * s.Normal() }
	case Uniform:
		limit := math.Sqrt(3 * variance)
		return func(s *random.Stream) float64 { return limit * (2*s.Float64() - 1) }
	}
	return func(*random.Stream) float64 { return i.scale }
}
