package kernels

import "github.com/gradus-ml/gradus/engine/ops"

func batchNorm(o ops.BatchNorm) launch {
	l := launch{shader: "batchnorm"}
	l.columns(o.Rows, o.Cols)
	l.params = append(l.params, bits(o.Momentum), bits(float32(1-float64(o.Momentum))), bits(o.Epsilon))
	return l
}

func batchNormGrad(o ops.BatchNormGrad) launch {
	l := launch{shader: "batchnorm_grad"}
	l.columns(o.Rows, o.Cols)
	return l
}

func batchNormInference(o ops.BatchNormInference) launch {
	l := launch{shader: "batchnorm_inference"}
	l.elements(o.Rows*o.Cols, uint32(o.Cols), bits(o.Epsilon))
	return l
}
