package kernels

import (
	"math"

	"github.com/gradus-ml/gradus/engine/ops"
)

// The kernel takes NaN as a parameter: WGSL has no constant for it.
func crossEntropy(o ops.CrossEntropy) launch {
	return rowwise("crossentropy", o.Rows, o.Cols, f32(float32(math.NaN())))
}

func crossEntropyGrad(o ops.CrossEntropyGrad) launch {
	return rowwise("crossentropy_grad", o.Rows, o.Cols)
}
