package cpu

import "math"

// exp32 is eˣ for x ≤ 0 to about one unit in the last place, several times as fast as math.Exp: with k = ⌊x/ln 2⌉ and
// r = x − k·ln 2, |r| ≤ ln 2/2, it is 2ᵏ times the Taylor polynomial of eʳ of degree 7, whose error is below 6e-9. Below −87 it
// is 0, and NaN stays NaN.
func exp32(x float32) float32 {
	if !(x >= -87) {
		if x != x {
			return x
		}
		return 0
	}
	k := int32(x*math.Log2E - 0.5) // x is negative: this rounds to the nearest
	r := x - float32(k)*ln2High - float32(k)*ln2Low
	p := 1 + r*(1+r*(1.0/2+r*(1.0/6+r*(1.0/24+r*(1.0/120+r*(1.0/720+r*(1.0/5040)))))))
	return p * math.Float32frombits(uint32(k+127)<<23)
}

// ln 2 in two parts, so that k·ln2High is exact.
const (
	ln2High = 0.693359375
	ln2Low  = -2.12194440e-4
)

// expm132 is eˣ − 1 for x ≤ 0; near 0 by its series, where the difference would cancel.
func expm132(x float32) float32 {
	if x > -0.25 {
		return x * (1 + x*(1.0/2+x*(1.0/6+x*(1.0/24+x*(1.0/120+x*(1.0/720+x*(1.0/5040)))))))
	}
	return exp32(x) - 1
}
