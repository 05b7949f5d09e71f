package cpu

import (
	"github.com/gradus-ml/gradus/engine/ops"
	"github.com/gradus-ml/gradus/engine/random"
)

// drawCost is what drawing four random words costs, in elementary operations.
const drawCost = 64

// slopes draws the slopes of four elements.
type slopes struct {
	draw        ops.Draw
	clock       []uint32
	lower, span float32
}

func (s slopes) of(block int) (a [4]float32) {
	for i, word := range random.Draw(s.draw.Seed, s.draw.Stream, s.clock[0], uint32(block)) {
		a[i] = s.lower + float32(s.span*random.Unit(word)) // converted, so that arm64 fuses nothing
	}
	return a
}

func rrelu(o ops.RReLU) *job {
	x, y, s := f32(o.X), f32(o.Y), slopes{o.Draw, u32(o.Draw.Clock), o.Lower, o.Upper - o.Lower}
	return ranges((o.N+3)/4, drawCost, func(from, to int) {
		for block := from; block < to; block++ {
			a := s.of(block)
			out := y[4*block : min(4*block+4, o.N)]
			for i, v := range x[4*block:][:len(out)] {
				if !(v > 0) {
					v *= a[i]
				}
				out[i] = v
			}
		}
	})
}

func rreluGrad(o ops.RReLUGrad) *job {
	x, dy, dx := f32(o.X), f32(o.DY), f32(o.DX)
	s := slopes{o.Draw, u32(o.Draw.Clock), o.Lower, o.Upper - o.Lower}
	return ranges((o.N+3)/4, drawCost, func(from, to int) {
		for block := from; block < to; block++ {
			a := s.of(block)
			down := dx[4*block : min(4*block+4, o.N)]
			for i, v := range x[4*block:][:len(down)] {
				switch {
				case v > 0:
					down[i] = dy[4*block+i]
				case v == v:
					down[i] = dy[4*block+i] * a[i]
				default:
					down[i] = v
				}
			}
		}
	})
}
