package kernels

import "github.com/gradus-ml/gradus/engine/ops"

func batchNorm(o ops.BatchNorm) launch {
	return columnwise("batchnorm", o.Rows, o.Cols, f32(o.Momentum), f32(o.Epsilon))
}

func batchNormGrad(o ops.BatchNormGrad) launch { return columnwise("batchnorm_grad", o.Rows, o.Cols) }

func batchNormInference(o ops.BatchNormInference) launch {
	return elementwise("batchnorm_inference", o.Rows*o.Cols, uint32(o.Cols), f32(o.Epsilon))
}

func batchNormInferenceGrad(o ops.BatchNormInferenceGrad) launch {
	return elementwise("batchnorm_inference_grad", o.Rows*o.Cols, uint32(o.Cols), f32(o.Epsilon))
}
