package nn

import (
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/engine/random"
)

// RandomNormal draws from the normal distribution of the mean and the standard deviation, which is at least 0
// (Keras's RandomNormal, whose defaults are 0 and 0.05).
func RandomNormal(mean, stddev float64) Initializer {
	return Initializer{name: "random_normal", own: normal{"random_normal", mean, stddev, false}}
}

// RandomTruncatedNormal is RandomNormal without the values that lie more than two standard deviations from the mean: these are,
// in effect, redrawn. Unlike that of VarianceScaling, the deviation is not widened to make up for them, so that of the values is
// 0.8796·stddev (Keras's TruncatedNormal, whose defaults are 0 and 0.05).
func RandomTruncatedNormal(mean, stddev float64) Initializer {
	return Initializer{name: "truncated_normal", own: normal{"truncated_normal", mean, stddev, true}}
}

// RandomUniform draws from the uniform distribution over (low, high); low must be less than high (Keras's RandomUniform,
// whose defaults are −0.05 and 0.05).
func RandomUniform(low, high float64) Initializer {
	return Initializer{name: "random_uniform", own: uniform{low, high}}
}

type normal struct {
	name         string
	mean, stddev float64
	truncated    bool
}

func (n normal) check() error {
	if math.IsNaN(n.mean) || math.IsInf(n.mean, 0) {
		return fmt.Errorf("initializer %s: mean is %v, want a finite number", n.name, n.mean)
	}
	if !(n.stddev >= 0) || math.IsInf(n.stddev, 0) {
		return fmt.Errorf("initializer %s: stddev is %v, want a finite number of at least 0", n.name, n.stddev)
	}
	return nil
}

func (n normal) fill([]int) func(s *random.Stream, dst []float32) {
	draw := (*random.Stream).Normal
	if n.truncated {
		draw = truncated
	}
	return fillWith(func(s *random.Stream) float64 { return n.mean + n.stddev*draw(s) })
}

type uniform struct{ low, high float64 }

func (u uniform) check() error {
	if !(u.low < u.high) || math.IsInf(u.high-u.low, 0) {
		return fmt.Errorf("initializer random_uniform: low is %v and high is %v, want finite numbers, low less than high", u.low, u.high)
	}
	return nil
}

func (u uniform) fill([]int) func(s *random.Stream, dst []float32) {
	return fillWith(func(s *random.Stream) float64 { return u.low + (u.high-u.low)*s.Float64() })
}
