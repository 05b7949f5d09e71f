// Package random is the counter-based generator that every backend shares.
//
// Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel Random Numbers: As Easy as 1, 2, 3", 2011) maps a 128-bit
// counter and a 64-bit key to 128 random bits, with no state between calls. Any element of any
// sequence can therefore be computed anywhere, in any order, with the same bits.
package random

import "math/bits"

const (
	multiplier0 = 0xD2511F53
	multiplier1 = 0xCD9E8D57
	weyl0       = 0x9E3779B9
	weyl1       = 0xBB67AE85
	rounds      = 10
)

// Philox returns the four words of the counter under the key.
func Philox(counter [4]uint32, key [2]uint32) [4]uint32 {
	for range rounds {
		high0, low0 := bits.Mul32(multiplier0, counter[0])
		high1, low1 := bits.Mul32(multiplier1, counter[2])
		counter = [4]uint32{high1 ^ counter[1] ^ key[0], low1, high0 ^ counter[3] ^ key[1], low0}
		key[0] += weyl0
		key[1] += weyl1
	}
	return counter
}
