package kernels

import "github.com/gradus-ml/gradus/engine/ops"

func transpose(o ops.Transpose) launch {
	return elementwise("transpose", o.Batch*o.Rows*o.Cols, uint32(o.Rows), uint32(o.Cols))
}
