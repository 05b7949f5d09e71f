package cpu

import (
	"math"

	"github.com/gradus-ml/gradus/engine/ops"
	"github.com/gradus-ml/gradus/engine/random"
)

func noise(o ops.Noise) *job {
	x, y, clock := f32(o.X), f32(o.Y), u32(o.Draw.Clock)
	disturb := disturber(o)
	return ranges((o.N+3)/4, drawCost, func(from, to int) {
		for block := from; block < to; block++ {
			words := random.Draw(o.Draw.Seed, o.Draw.Stream, clock[0], uint32(block))
			end := min(4*block+4, o.N)
			disturb(x[4*block:end], y[4*block:end], words)
		}
	})
}

// disturber returns the function that disturbs up to four elements.
func disturber(o ops.Noise) func(x, y []float32, words [4]uint32) {
	scale, shift, spread, added := o.Coefficients()
	threshold := o.Threshold()
	if spread == 0 && added == 0 {
		return func(x, y []float32, words [4]uint32) {
			for i, v := range x {
				k := 0
				if words[i] >= threshold {
					k = 1
				}
				y[i] = float32(float64(v)*scale[k] + shift[k])
			}
		}
	}
	return func(x, y []float32, words [4]uint32) {
		z := normals(words)
		for i, v := range x {
			y[i] = float32(float64(v)*(scale[1]+z[i]*spread) + z[i]*added)
		}
	}
}

// normals is Box and Muller's transform of two pairs of words.
func normals(words [4]uint32) (z [4]float64) {
	for i := 0; i < 4; i += 2 {
		u, v := unit(words[i]), unit(words[i+1])
		r := math.Sqrt(-2 * math.Log(u))
		sin, cos := math.Sincos(2 * math.Pi * v)
		z[i], z[i+1] = r*cos, r*sin
	}
	return z
}

// unit maps a word to the open interval (0, 1).
func unit(word uint32) float64 { return (float64(word>>8) + 0.5) * 0x1p-24 }
