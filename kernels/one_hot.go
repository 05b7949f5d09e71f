package kernels

import "github.com/gradus-ml/gradus/engine/ops"

func oneHot(o ops.OneHot) launch {
	return elementwise("one_hot", o.Rows*o.Cols, uint32(o.Cols), uint32(o.First))
}
