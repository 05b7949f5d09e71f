package kernels

import "github.com/gradus-ml/gradus/engine/ops"

func augment(o ops.Augment) launch {
	flips := uint32(0)
	if o.FlipCols {
		flips |= 1
	}
	if o.FlipRows {
		flips |= 2
	}
	return elementwise("augment", o.Images*o.OutRows*o.OutCols*o.Channels,
		uint32(o.Draw.Seed), uint32(o.Draw.Seed>>32), uint32(o.Draw.Stream), uint32(o.Draw.Stream>>32),
		uint32(o.Rows), uint32(o.Cols), uint32(o.Channels), uint32(o.OutRows), uint32(o.OutCols),
		uint32(int32(o.Down.Low)), uint32(o.Down.More), uint32(int32(o.Across.Low)), uint32(o.Across.More), flips, uint32(o.Fill), uint32(o.Cut))
}
