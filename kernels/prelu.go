package kernels

import "github.com/gradus-ml/gradus/engine/ops"

func prelu(o ops.PReLU) launch {
	return elementwise("prelu", o.Rows*o.Cols*o.Inner, uint32(o.Cols), uint32(o.Inner))
}

func preluGrad(o ops.PReLUGrad) launch {
	return elementwise("prelu_grad", o.Rows*o.Cols*o.Inner, uint32(o.Cols), uint32(o.Inner))
}

func preluAlphaGrad(o ops.PReLUAlphaGrad) launch {
	return columnwise("prelu_alpha_grad", o.Rows*o.Inner, o.Cols, uint32(o.Inner))
}
