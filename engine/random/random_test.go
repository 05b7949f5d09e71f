package random

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
)

// The vectors are those that the authors publish with Random123.
func TestPhiloxVectors(t *testing.T) {
	const f = 0xffffffff
	for _, row := range []struct {
		counter [4]uint32
		key     [2]uint32
		want    [4]uint32
	}{
		{want: [4]uint32{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
		{[4]uint32{f, f, f, f}, [2]uint32{f, f}, [4]uint32{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
		{[4]uint32{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, [2]uint32{0xa4093822, 0x299f31d0},
			[4]uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
	} {
		assert.Equal(t, row.want, Philox(row.counter, row.key), "counter %x", row.counter)
	}
}

func TestStreamIsAFunctionOfItsNumbers(t *testing.T) {
	first, second, other := NewStream(7, 1), NewStream(7, 1), NewStream(7, 2)
	same := 0
	for i := range 1000 {
		a := first.Uint32()
		assert.Equal(t, a, second.Uint32(), "word %d", i)
		if a == other.Uint32() {
			same++
		}
	}
	assert.Less(t, same, 3, "words that two streams share")
}

// Element i draws word i of the stream at step 0; at later steps, words that lie 2³⁴ further on.
func TestDraw(t *testing.T) {
	s := NewStream(7, 1<<40+3)
	for i := range 1000 {
		assert.Equal(t, s.Uint32(), Draw(7, 1<<40+3, 0, uint32(i/4))[i%4], "element %d", i)
	}
	assert.Equal(t, [4]uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1},
		Draw(0x299f31d0a4093822, 0x0370734413198a2e, 0x85a308d3, 0x243f6a88), "a vector of Random123")
	later := Stream{key: [2]uint32{7, 0}, stream: [2]uint32{3, 1 << 8}, next: 5 << 34}
	assert.Equal(t, later.Uint32(), Draw(7, 1<<40+3, 5, 0)[0])
}

func TestMoments(t *testing.T) {
	const n = 200_000
	for _, row := range []struct {
		name               string
		draw               func(*Stream) float64
		mean, variance     float64
		lowest, highest    float64
		fourthOverVariance float64 // E[(x−μ)⁴]/σ⁴
	}{
		{"Float32", func(s *Stream) float64 { return float64(s.Float32()) }, 0.5, 1.0 / 12, 0, 1, 1.8},
		{"Float64", (*Stream).Float64, 0.5, 1.0 / 12, 0, 1, 1.8},
		{"Normal", (*Stream).Normal, 0, 1, -7, 7, 3},
		{"IntN", func(s *Stream) float64 { return float64(s.IntN(10)) }, 4.5, 8.25, 0, 9, 1.7758},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := NewStream(42, 3)
			values := make([]float64, n)
			sum := 0.0
			for i := range values {
				values[i] = row.draw(s)
				sum += values[i]
				assert.True(t, values[i] >= row.lowest && values[i] <= row.highest, "value %v", values[i])
			}
			mean, variance, fourth := sum/n, 0.0, 0.0
			for _, v := range values {
				d := v - mean
				variance += d * d / n
				fourth += d * d * d * d / n
			}
			assert.InDelta(t, row.mean, mean, 5*math.Sqrt(row.variance/n))
			assert.InDelta(t, 1, variance/row.variance, 0.02)
			assert.InDelta(t, row.fourthOverVariance, fourth/variance/variance, 0.08)
		})
	}
}

func TestShuffleIsAPermutation(t *testing.T) {
	for _, n := range []int{0, 1, 2, 3, 1000} {
		order := make([]uint32, n)
		NewStream(1, 1).Shuffle(order)
		seen := make([]bool, n)
		for _, i := range order {
			assert.False(t, seen[i], "%d of %d appears twice", i, n)
			seen[i] = true
		}
	}
}

// Every order of three must be equally likely.
func TestShuffleIsFair(t *testing.T) {
	const rounds = 60_000
	counts := map[string]int{}
	s := NewStream(5, 0)
	for range rounds {
		order := make([]uint32, 3)
		s.Shuffle(order)
		counts[fmt.Sprint(order)]++
	}
	assert.Len(t, counts, 6)
	for order, n := range counts {
		assert.InDelta(t, rounds/6, n, 5*math.Sqrt(rounds/6.0), order)
	}
}
