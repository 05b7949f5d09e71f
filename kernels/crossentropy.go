package kernels

import "github.com/gradus-ml/gradus/engine/ops"

func crossEntropy(o ops.CrossEntropy) launch { return rowwise("crossentropy", o.Rows, o.Cols) }

func crossEntropyGrad(o ops.CrossEntropyGrad) launch {
	return rowwise("crossentropy_grad", o.Rows, o.Cols)
}
