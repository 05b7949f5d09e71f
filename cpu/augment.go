package cpu

import (
	"math/bits"

	"github.com/gradus-ml/gradus/engine/ops"
	"github.com/gradus-ml/gradus/engine/random"
)

func augment(o ops.Augment) *job {
	x, y, clock := f32(o.X), f32(o.Y), u32(o.Draw.Clock)
	size, out := o.Rows*o.Cols*o.Channels, o.OutRows*o.OutCols*o.Channels
	return ranges(o.Images, out, func(from, to int) {
		for r := from; r < to; r++ {
			words := random.Draw(o.Draw.Seed, o.Draw.Stream, clock[0], uint32(r))
			augmentImage(o, words, x[r*size:][:size], y[r*out:][:out])
		}
	})
}

// augmentImage fetches one image, row by row.
func augmentImage(o ops.Augment, words [4]uint32, x, y []float32) {
	rows := axis{o.Rows, shiftOf(o.Down, words[1]), o.FlipRows && words[0]&2 != 0, o.Fill}
	cols := axis{o.Cols, shiftOf(o.Across, words[2]), o.FlipCols && words[0]&1 != 0, o.Fill}
	top := int(words[3]&0xffff)*o.OutRows>>16 - o.Cut/2
	left := int(words[3]>>16)*o.OutCols>>16 - o.Cut/2
	n := o.Channels
	for i := range o.OutRows {
		row, within := rows.source(i), i >= top && i < top+o.Cut
		line := y[i*o.OutCols*n:][:o.OutCols*n]
		for j := range o.OutCols {
			col := cols.source(j)
			pixel := line[j*n:][:n]
			if row < 0 || col < 0 || within && j >= left && j < left+o.Cut {
				clear(pixel)
				continue
			}
			copy(pixel, x[(row*o.Cols+col)*n:])
		}
	}
}

func shiftOf(s ops.Span, word uint32) int {
	high, _ := bits.Mul32(word, uint32(s.More+1))
	return s.Low + int(high)
}

// axis tells where the elements along an axis of an image come from.
type axis struct {
	n, shift int
	flip     bool
	fill     ops.FillMode
}

// source returns which element comes to place i; −1 for none.
func (a axis) source(i int) int {
	at := i + a.shift
	if at < 0 || at >= a.n {
		if at = a.beyond(at); at < 0 {
			return -1
		}
	}
	if a.flip {
		return a.n - 1 - at
	}
	return at
}

// beyond returns which element stands beyond the ends.
func (a axis) beyond(at int) int {
	switch a.fill {
	case ops.FillConstant:
		return -1
	case ops.FillNearest:
		return min(max(at, 0), a.n-1)
	case ops.FillWrap:
		return ((at % a.n) + a.n) % a.n
	}
	period := 2 * a.n
	at = ((at % period) + period) % period
	return min(at, period-1-at)
}
