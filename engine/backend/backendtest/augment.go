package backendtest

import (
	"fmt"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
	"github.com/gradus-ml/gradus/engine/random"
)

// augment makes each whole image anew, one change after the other.
func augment(o ops.Augment) {
	for r := range o.Images {
		words := random.Draw(o.Draw.Seed, o.Draw.Stream, u32(o.Draw.Clock)[0], uint32(r))
		for i := range o.OutRows {
			for j := range o.OutCols {
				for c := range o.Channels {
					f64(o.Y)[((r*o.OutRows+i)*o.OutCols+j)*o.Channels+c] = augmented(o, words, r, i, j, c)
				}
			}
		}
	}
}

func augmented(o ops.Augment, words [4]uint32, r, i, j, c int) float64 {
	middleRow, middleCol := int(words[3]%65536)*o.OutRows/65536, int(words[3]/65536)*o.OutCols/65536
	top, left := middleRow-o.Cut/2, middleCol-o.Cut/2
	if i >= top && i < top+o.Cut && j >= left && j < left+o.Cut {
		return 0
	}
	row, inRows := inside(o.Fill, i+drawn(o.Down, words[1]), o.Rows)
	col, inCols := inside(o.Fill, j+drawn(o.Across, words[2]), o.Cols)
	if !inRows || !inCols {
		return 0
	}
	if o.FlipRows && words[0]/2%2 == 1 {
		row = o.Rows - 1 - row
	}
	if o.FlipCols && words[0]%2 == 1 {
		col = o.Cols - 1 - col
	}
	return f64(o.X)[((r*o.Rows+row)*o.Cols+col)*o.Channels+c]
}

func drawn(s ops.Span, word uint32) int {
	return s.Low + int(uint64(word)*uint64(s.More+1)/(1<<32))
}

// inside returns which element of n stands at a place of a row that goes on at both ends, step by step.
func inside(fill ops.FillMode, at, n int) (int, bool) {
	for at < 0 || at >= n {
		switch {
		case fill == ops.FillConstant:
			return 0, false
		case fill == ops.FillNearest:
			return min(max(at, 0), n-1), true
		case fill == ops.FillWrap && at < 0:
			at += n
		case fill == ops.FillWrap:
			at -= n
		case at < 0: // the mirror stands before element 0
			at = -1 - at
		default: // and after element n−1
			at = 2*n - 1 - at
		}
	}
	return at, true
}

func augmentCases() []Case {
	var cases []Case
	for _, s := range [][4]int{{1, 1, 1, 1}, {3, 1, 7, 1}, {2, 5, 3, 3}, {5, 28, 28, 1}, {3, 31, 17, 4}, {257, 4, 4, 1}, {2, 64, 65, 3}} {
		base := ops.Augment{Images: s[0], Rows: s[1], Cols: s[2], Channels: s[3], OutRows: s[1], OutCols: s[2]}
		flip := base
		flip.FlipRows, flip.FlipCols = true, true
		one := base
		one.FlipCols = true
		cut := base
		cut.Cut = s[1]/2 + 1
		crop := base
		crop.OutRows, crop.OutCols = (s[1]+1)/2, (s[2]+2)/3
		crop.Down, crop.Across = ops.Span{More: s[1] - crop.OutRows}, ops.Span{More: s[2] - crop.OutCols}
		cases = append(cases, augmentCase("nothing", base), augmentCase("flip", flip), augmentCase("flip across", one), augmentCase("cut", cut), augmentCase("crop", crop))
		for _, fill := range ops.FillModes() {
			shift := flip
			shift.Fill, shift.Cut = fill, 2
			shift.Down, shift.Across = ops.Span{Low: -s[1] / 2, More: s[1]}, ops.Span{Low: -3 * s[2], More: 6 * s[2]}
			cases = append(cases, augmentCase(fmt.Sprintf("all %v", fill), shift))
		}
	}
	return append(cases, augmentCase("many", ops.Augment{Images: 400, Rows: 28, Cols: 28, Channels: 1, OutRows: 28, OutCols: 28, FlipCols: true}))
}

// augmentCase runs three steps, and keeps the last.
func augmentCase(name string, o ops.Augment) Case {
	return Case{Name: fmt.Sprintf("augment %s %dx%dx%dx%d", name, o.Images, o.Rows, o.Cols, o.Channels), Times: 3, Build: func(in *Inputs) []backend.Op {
		clock := in.Indices(7)
		o.X, o.Y = in.Normal(o.Images*o.Rows*o.Cols*o.Channels, 0, 1), in.Result(o.Images*o.OutRows*o.OutCols*o.Channels)
		o.Draw = ops.Draw{Seed: 0x1234_5678_9abc_def0, Stream: 1<<33 + 5, Clock: clock}
		return []backend.Op{o, ops.Advance{Clock: clock}}
	}}
}
