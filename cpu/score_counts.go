package cpu

import (
	"slices"

	"github.com/gradus-ml/gradus/engine/ops"
)

func scoreCounts(o ops.ScoreCounts) *job {
	p, t, thresholds, counts, width := f32(o.P), f32(o.T), f32(o.Thresholds), f32(o.Counts), 2*(o.Edges+1)
	return ranges(o.Rows, width+10*o.Cols, func(from, to int) {
		for r := from; r < to; r++ {
			row := counts[r*width:][:width]
			clear(row)
			for i := r * o.Cols; i < (r+1)*o.Cols; i++ {
				at := 2 * exceeded(p[i], thresholds)
				if t[i] > 0.5 {
					at++
				}
				row[at]++
			}
		}
	})
}

// exceeded returns how many of the rising thresholds are less than v; none where v is NaN.
func exceeded(v float32, thresholds []float32) int {
	if v != v {
		return 0
	}
	n, _ := slices.BinarySearch(thresholds, v)
	return n
}
