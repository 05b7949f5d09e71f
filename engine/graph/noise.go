package graph

import (
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

// noiseStreams is the number of the random stream of the first random operation of a step; those below belong to
// variables and to the orders of examples.
const noiseStreams = 1 << 33

// Noise disturbs x at random, anew in each step, in the way of the kind; see ops.Noise. In a step that is not random it is x.
// The numbers depend on the seed of the store, on the place of the operation among the random ones of the step, and on
// how many steps were made before.
func Noise(r *Recorder, x *Tensor, kind ops.NoiseKind, rate float32) *Tensor {
	if !r.Random() || rate == 0 {
		return x
	}
	op := ops.Noise{Ticks: backend.Whole(r.store.ticks), N: x.Size(), Kind: kind, Rate: rate,
		Seed: r.store.seed, Stream: noiseStreams + r.noises}
	r.noises++
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

// Tick ends a step in which something was random, so that the next draws other numbers.
func (r *Recorder) Tick() {
	if r.noises > 0 {
		r.Append(ops.Advance{Clock: backend.Whole(r.store.ticks)})
	}
}
