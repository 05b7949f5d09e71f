package graph

import (
	"fmt"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

// noises is the number of the first random stream of the operations that draw in a step. Streams below belong to variables
// and to the order of the examples.
const noises = 1 << 33

// Draw returns what the next operation of the recording draws its random numbers from: a stream of its own under the store's seed.
// The step's number is the store's clock, which the recording advances once, before the first operation that draws. Every run
// of a step therefore draws anew, whichever recording of the store it belongs to, and a gradient that is given the Draw of its
// function draws the same.
func (r *Recorder) Draw() ops.Draw {
	clock, err := r.store.Clock()
	if err != nil {
		r.refused("%w", err)
	} else if r.draws == 0 {
		r.Append(ops.Advance{Clock: clock})
	}
	r.draws++
	return ops.Draw{Seed: r.store.seed, Stream: noises + r.draws - 1, Clock: clock}
}

// Drawing reports whether a step that draws random numbers was recorded, so that there is a Clock.
func (s *Store) Drawing() bool { return s.clock != nil }

// Clock returns where the number of steps is that have drawn random numbers: one u32, 0 at first.
func (s *Store) Clock() (backend.Region, error) {
	if s.clock == nil {
		clock, err := s.dev.Alloc(backend.U32, 1)
		if err != nil {
			return backend.Region{Len: 1}, fmt.Errorf("graph: the clock of random numbers: %w", err)
		}
		s.clock = clock
	}
	return backend.Whole(s.clock), nil
}

// Noise disturbs x at random, anew in each step, in the way of the kind; see ops.Noise. In a step that is not random, or at a
// rate of 0, it is x.
func Noise(r *Recorder, x *Tensor, kind ops.NoiseKind, rate float32) *Tensor {
	if !r.Random() || rate == 0 {
		return x
	}
	op := ops.Noise{Draw: r.Draw(), N: x.Size(), Kind: kind, Rate: rate}
	y := r.apply(x.shape, []*Tensor{x}, func(*Tensor) func(backend.Region) {
		return func(dy backend.Region) {
			r.contribute(x, func(dx backend.Region) {
				back := op
				back.X, back.Y, back.Gradient = dy, dx, true
				r.Append(back)
			})
		}
	})
	op.X, op.Y = x.value, y.value
	r.Append(op)
	return y
}
