package random

import (
	"math"
	"math/bits"
)

// A Stream is one of 2⁶⁴ independent sequences under a seed: word i of stream s is a pure function of (seed, s, i).
// The zero Stream is stream 0 under seed 0. It is not for concurrent use.
type Stream struct {
	key    [2]uint32
	stream [2]uint32
	next   uint64 // index of the next word
	block  [4]uint32
}

// NewStream returns the stream with the given number under the seed, at its beginning.
func NewStream(seed, number uint64) *Stream {
	return &Stream{key: split(seed), stream: split(number)}
}

func split(v uint64) [2]uint32 { return [2]uint32{uint32(v), uint32(v >> 32)} }

// Uint32 returns the next word.
func (s *Stream) Uint32() uint32 {
	lane := s.next % 4
	if lane == 0 {
		low := split(s.next / 4)
		s.block = Philox([4]uint32{low[0], low[1], s.stream[0], s.stream[1]}, s.key)
	}
	s.next++
	return s.block[lane]
}

// Draw returns the four words that elements 4·block to 4·block+3 draw at a step: words 4·(2³²·step + block) and following of the
// stream with the number under the seed. Every backend computes it.
func Draw(seed, number uint64, step, block uint32) [4]uint32 {
	stream := split(number)
	return Philox([4]uint32{block, step, stream[0], stream[1]}, split(seed))
}

// Unit turns a random word into a number of the uniform distribution over [0, 1), a multiple of 2⁻²⁴.
func Unit(word uint32) float32 { return float32(word>>8) * 0x1p-24 }

// Float32 returns the next number of the uniform distribution over [0, 1), a multiple of 2⁻²⁴.
func (s *Stream) Float32() float32 { return Unit(s.Uint32()) }

// Float64 returns the next number of the uniform distribution over (0, 1), never an end; it takes two words.
func (s *Stream) Float64() float64 {
	high, low := uint64(s.Uint32()), uint64(s.Uint32())
	return (float64((high<<32|low)>>12) + 0.5) * 0x1p-52
}

// Normal returns the next number of the standard normal distribution, by inversion: √2·erf⁻¹(2u − 1).
// It takes two words.
func (s *Stream) Normal() float64 { return math.Sqrt2 * math.Erfinv(2*s.Float64()-1) }

// IntN returns the next integer of the uniform distribution over [0, n), without bias
// (Lemire, "Fast Random Integer Generation in an Interval", 2019). n must be positive and below 2³².
func (s *Stream) IntN(n int) int {
	bound := uint32(n)
	high, low := bits.Mul32(s.Uint32(), bound)
	if low < bound {
		for reject := -bound % bound; low < reject; {
			high, low = bits.Mul32(s.Uint32(), bound)
		}
	}
	return int(high)
}

// Shuffle fills dst with a random order of the numbers 0 to len(dst)−1 (Fisher and Yates).
func (s *Stream) Shuffle(dst []uint32) {
	for i := range dst {
		j := s.IntN(i + 1)
		dst[i] = dst[j]
		dst[j] = uint32(i)
	}
}
