package kernels

import (
	"github.com/gradus-ml/gradus/engine/ops"
	"github.com/gradus-ml/gradus/shaders"
)

// columns launches a thread for each element of the narrow matrix, or of the wide one where all of it is written.
func columns(o ops.Columns) launch {
	n := o.Rows * o.Cols
	if o.Kind == ops.PadColumns {
		n = o.Rows * o.Width
	}
	return elementwise("columns", n, uint32(o.Cols), uint32(o.Width), uint32(o.Column)).with(shaders.Uint("KIND", int(o.Kind)))
}
