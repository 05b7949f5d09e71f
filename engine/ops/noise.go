package ops

import (
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/engine/backend"
)

// NoiseKind is a way to disturb a tensor at random.
type NoiseKind uint8

// The kinds. z is a normal number, k is 1 with probability 1 − Rate and else 0, both anew for each element and step.
const (
	Dropout         NoiseKind = iota // y = x·k/(1 − Rate) (Srivastava et al., 2014)
	GaussianDropout                  // y = x·(1 + z·√(Rate/(1 − Rate)))
	GaussianNoise                    // y = x + z·Rate
	AlphaDropout                     // y = a·(x·k + s·(1 − k)) + b (Klambauer et al., 2017); see AlphaDropoutAffine
)

// noiseNames follow Keras; their order is that of the constants.
var noiseNames = []string{"dropout", "gaussian_dropout", "gaussian_noise", "alpha_dropout"}

// NoiseKinds lists every kind.
func NoiseKinds() []NoiseKind {
	list := make([]NoiseKind, len(noiseNames))
	for i := range list {
		list[i] = NoiseKind(i)
	}
	return list
}

// String returns Keras's name of the kind in snake case.
func (k NoiseKind) String() string {
	if int(k) < len(noiseNames) {
		return noiseNames[k]
	}
	return fmt.Sprintf("NoiseKind(%d)", uint8(k))
}

// seluSaturation is −scale·alpha of SELU, what its units saturate at.
const seluSaturation = -1.7580993408473766

// AlphaDropoutAffine returns a, b and s for which AlphaDropout keeps mean 0 and variance 1: s is SELU's saturation, a = 1/√((1 −
// rate)·(1 + rate·s²)) and b = −a·s·rate.
func AlphaDropoutAffine(rate float64) (a, b, s float64) {
	a = 1 / math.Sqrt((1-rate)*(1+rate*seluSaturation*seluSaturation))
	return a, -a * seluSaturation * rate, seluSaturation
}

// Noise disturbs a tensor, or, with Gradient, a gradient as the tensor was disturbed in the same step: y = x·∂(disturbed)/∂x.
//
// k is 0 where the element's word is below Rate·2³². The normal numbers of four elements come from their four words by Box and
// Muller's transform: with u = (w>>8 + ½)·2⁻²⁴, √(−2 ln u₀)·cos 2πu₁ and √(−2 ln u₀)·sin 2πu₁ for the first two, likewise u₂ and
// u₃ for the others.
//
// X and Y have N elements.
type Noise struct {
	X, Y     backend.Region
	Draw     Draw
	N        int
	Kind     NoiseKind
	Rate     float32 // standard deviation for GaussianNoise
	Gradient bool
}

// Name returns "noise".
func (Noise) Name() string { return "noise" }

// Check implements backend.Op.
func (o Noise) Check() error {
	c := checker{name: o.Name()}
	c.positive("n", o.N)
	if int(o.Kind) >= len(noiseNames) {
		c.fail("unknown kind %v", o.Kind)
	}
	if o.Kind == GaussianNoise {
		c.within("standard deviation", o.Rate, 0, math.MaxFloat32)
	} else if !(o.Rate >= 0 && o.Rate < 1) {
		c.fail("rate is %v, want 0 to 1 exclusive", o.Rate)
	}
	c.f32(o.N, named{"x", o.X}, named{"y", o.Y})
	c.clock(o.Draw.Clock)
	return c.err
}

// Operands implements backend.Op.
func (o Noise) Operands() []backend.Operand {
	return []backend.Operand{reads("x", o.X), reads("clock", o.Draw.Clock), writes("y", o.Y)}
}

// Cost implements backend.Op.
func (o Noise) Cost() backend.Cost { return cost(o, 12*o.N) }

// Threshold is the word below which an element is dropped.
func (o Noise) Threshold() uint32 { return uint32(min(float64(o.Rate)*0x1p32, math.MaxUint32)) }

// Coefficients returns what an element is made of: y = x·(scale[k] + z·spread) + shift[k] + z·spreadAdded, where the parts that do
// not multiply x are zero with Gradient.
func (o Noise) Coefficients() (scale, shift [2]float64, spread, spreadAdded float64) {
	rate := float64(o.Rate)
	switch o.Kind {
	case Dropout:
		scale[1] = 1 / (1 - rate)
	case GaussianDropout:
		scale, spread = [2]float64{1, 1}, math.Sqrt(rate/(1-rate))
	case GaussianNoise:
		scale, spreadAdded = [2]float64{1, 1}, rate
	case AlphaDropout:
		a, b, s := AlphaDropoutAffine(rate)
		scale, shift = [2]float64{0, a}, [2]float64{a*s + b, b}
	}
	if o.Gradient {
		return scale, [2]float64{}, spread, 0
	}
	return scale, shift, spread, spreadAdded
}
