package backendtest

import (
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
	"github.com/gradus-ml/gradus/engine/random"
)

func noise(o ops.Noise) {
	for i, v := range f64(o.X) {
		words := random.Draw(o.Draw.Seed, o.Draw.Stream, u32(o.Draw.Clock)[0], uint32(i/4))
		kept := float64(words[i%4]) >= math.Floor(float64(o.Rate)*0x1p32)
		f64(o.Y)[i] = disturbed(o, v, kept, normal(words, i%4))
	}
}

// normal is Box and Muller's transform of a pair of words.
func normal(words [4]uint32, lane int) float64 {
	unit := func(w uint32) float64 { return (float64(w>>8) + 0.5) * 0x1p-24 }
	u, v := unit(words[lane/2*2]), unit(words[lane/2*2+1])
	if lane%2 == 0 {
		return math.Sqrt(-2*math.Log(u)) * math.Cos(2*math.Pi*v)
	}
	return math.Sqrt(-2*math.Log(u)) * math.Sin(2*math.Pi*v)
}

// disturbed computes one element from its definition.
func disturbed(o ops.Noise, x float64, kept bool, z float64) float64 {
	rate, k := decimal(o.Rate), choose(kept, 1, 0)
	added := choose(o.Gradient, 0, 1)
	switch o.Kind {
	case ops.Dropout:
		return x * k / (1 - rate)
	case ops.GaussianDropout:
		return x * (1 + z*math.Sqrt(rate/(1-rate)))
	case ops.GaussianNoise:
		return x + added*z*rate
	}
	const saturation = -1.0507009873554804934193349852946 * 1.6732632423543772848170429916717
	a := 1 / math.Sqrt((1-rate)*(1+rate*saturation*saturation))
	return a*(x*k+added*saturation*(1-k)) - added*a*saturation*rate
}

func noiseCases() []Case {
	var cases []Case
	for _, kind := range ops.NoiseKinds() {
		for _, gradient := range []bool{false, true} {
			for _, n := range []int{1, 3, 4, 5, 63, 64, 65, 255, 256, 257, 1021, 1024, 1025, 5003} {
				cases = append(cases, noiseCase(kind, n, 0.3, gradient))
			}
			cases = append(cases, noiseCase(kind, 300, 0, gradient), noiseCase(kind, 300, 0.99, gradient))
		}
	}
	return append(cases, noiseCase(ops.Dropout, 300_007, 0.5, false))
}

// noiseCase runs three steps, and keeps the last.
func noiseCase(kind ops.NoiseKind, n int, rate float32, gradient bool) Case {
	return Case{Name: fmt.Sprintf("noise %v %d rate %v gradient %v", kind, n, rate, gradient), Times: 3, Terms: 16, Scale: 1 / (1 - float64(rate)),
		Build: func(in *Inputs) []backend.Op {
			clock := in.Indices(41)
			return []backend.Op{
				ops.Noise{X: in.small(n), Y: in.Result(n), N: n, Kind: kind, Rate: rate, Gradient: gradient,
					Draw: ops.Draw{Seed: 0x1234_5678_9abc_def0, Stream: 1<<33 + 5, Clock: clock}},
				ops.Advance{Clock: clock},
			}
		}}
}
