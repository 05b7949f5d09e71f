package cpu

import "github.com/gradus-ml/gradus/engine/ops"

func oneHot(o ops.OneHot) *job {
	labels, y := u32(o.Labels), f32(o.Y)
	return ranges(o.Rows, o.Cols, func(from, to int) {
		clear(y[from*o.Cols : to*o.Cols])
		for r := from; r < to; r++ {
			if c := int(labels[r]) - o.First; c >= 0 && c < o.Cols {
				y[r*o.Cols+c] = 1
			}
		}
	})
}
