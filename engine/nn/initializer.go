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
	own   source // what fills the variable instead, if anything
}

// A source is an initializer of another kind than a variance that is scaled.
type source interface {
	check() error
	fill(shape []int) func(s *random.Stream, dst []float32)
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
	GlorotUniform = scaled("glorot_uniform", 1, FanAvg, Uniform)         // Glorot and Bengio, 2010
	GlorotNormal  = scaled("glorot_normal", 1, FanAvg, TruncatedNormal)  // Glorot and Bengio, 2010
	HeUniform     = scaled("he_uniform", 2, FanIn, Uniform)              // He et al., 2015
	HeNormal      = scaled("he_normal", 2, FanIn, TruncatedNormal)       // He et al., 2015
	LeCunUniform  = scaled("lecun_uniform", 1, FanIn, Uniform)           // LeCun et al., 1998
	LeCunNormal   = scaled("lecun_normal", 1, FanIn, TruncatedNormal)    // LeCun et al., 1998
	Zeros         = Initializer{name: "zeros", scale: 0, dist: constant} // 0
	Ones          = Initializer{name: "ones", scale: 1, dist: constant}  // 1
)

// VarianceScaling draws values of mean 0 and variance scale/fan; scale must be positive.
func VarianceScaling(scale float64, mode FanMode, dist Distribution) Initializer {
	return scaled("variance_scaling", scale, mode, dist)
}

func scaled(name string, scale float64, mode FanMode, dist Distribution) Initializer {
	return Initializer{name: name, scale: scale, mode: mode, dist: dist}
}

// Constant sets every value to v.
func Constant(v float64) Initializer { return Initializer{name: "constant", scale: v, dist: constant} }

// String returns the initializer's name.
func (i Initializer) String() string { return i.name }

func (i Initializer) check() error {
	if i.own != nil {
		return i.own.check()
	}
	switch {
	case i.dist == constant:
		if !(math.Abs(i.scale) <= math.MaxFloat32) {
			return fmt.Errorf("initializer %s: value is %v, want a float32 number", i.name, i.scale)
		}
	case !(i.scale > 0) || math.IsInf(i.scale, 0):
		return fmt.Errorf("initializer %s: scale is %v, want a positive number", i.name, i.scale)
	case i.mode > FanAvg || i.dist > constant:
		return fmt.Errorf("initializer %s: unknown mode %d or distribution %d", i.name, i.mode, i.dist)
	}
	return nil
}

// checkOn checks the initializer for a variable of the shape.
func (i Initializer) checkOn(shape []int) error {
	if _, ok := i.own.(orthogonal); ok && len(shape) < 2 {
		return fmt.Errorf("initializer %s: the variable's shape is %v, want at least 2 axes", i.name, shape)
	}
	return i.check()
}

// or returns the initializer, or the other if none was given.
func (i Initializer) or(other Initializer) Initializer {
	if i == (Initializer{}) {
		return other
	}
	return i
}

// fill returns the function that draws values for a variable of the shape.
func (i Initializer) fill(shape []int) func(s *random.Stream, dst []float32) {
	if i.own != nil {
		return i.own.fill(shape)
	}
	return fillWith(i.draw(i.variance(shape)))
}

func fillWith(draw func(*random.Stream) float64) func(s *random.Stream, dst []float32) {
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
			return sigma / truncatedSigma * truncated(s)
		}
	case UntruncatedNormal:
		return func(s *random.Stream) float64 { return sigma * s.Normal() }
	case Uniform:
		limit := math.Sqrt(3 * variance)
		return func(s *random.Stream) float64 { return limit * (2*s.Float64() - 1) }
	}
	return func(*random.Stream) float64 { return i.scale }
}

// truncated draws a standard normal value that lies within two standard deviations, by inversion.
func truncated(s *random.Stream) float64 {
	return math.Sqrt2 * math.Erfinv(withinTwoSigma*(2*s.Float64()-1))
}
