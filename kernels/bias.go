package kernels

import "github.com/gradus-ml/gradus/engine/ops"

func bias(o ops.Bias) launch {
	l := launch{shader: "bias"}
	l.elements(o.Rows*o.Cols, uint32(o.Cols))
	return l
}

func biasGrad(o ops.BiasGrad) launch {
	l := launch{shader: "bias_grad"}
	l.columns(o.Rows, o.Cols)
	return l
}
