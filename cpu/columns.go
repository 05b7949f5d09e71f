package cpu

import "github.com/gradus-ml/gradus/engine/ops"

func columns(o ops.Columns) *job {
	x, y := f32(o.X), f32(o.Y)
	return ranges(o.Rows, o.Width, func(from, to int) {
		for r := from; r < to; r++ {
			if o.Kind == ops.CutColumns {
				copy(y[r*o.Cols:][:o.Cols], x[r*o.Width+o.Column:])
				continue
			}
			row := y[r*o.Width:][:o.Width]
			if o.Kind == ops.PadColumns {
				clear(row)
			}
			copy(row[o.Column:], x[r*o.Cols:][:o.Cols])
		}
	})
}
