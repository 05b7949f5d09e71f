package cpu

import (
	"math"

	"github.com/gradus-ml/gradus/engine/ops"
)

func peak(o ops.Peak) *job {
	x, peaks := f32(o.X), f32(o.Peak)
	return ranges(o.Cols, o.Rows, func(from, to int) {
		for r := range o.Rows {
			row, most := x[r*o.Cols+from:r*o.Cols+to], peaks[from:to]
			for c, v := range row {
				if v = magnitude(v); v > most[c] || v != v {
					most[c] = v
				}
			}
		}
	})
}

// magnitude returns |v|.
func magnitude(v float32) float32 { return math.Float32frombits(math.Float32bits(v) &^ (1 << 31)) }
