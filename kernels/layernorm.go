package kernels

import (
	"github.com/gradus-ml/gradus/engine/ops"
	"github.com/gradus-ml/gradus/shaders"
)

func layerNorm(o ops.LayerNorm) launch {
	return rowwise("layernorm", o.Rows, o.Cols, f32(o.Epsilon)).with(shaders.Bool("RMS", o.RMS))
}

func layerNormGrad(o ops.LayerNormGrad) launch {
	return rowwise("layernorm_grad", o.Rows, o.Cols).with(shaders.Bool("RMS", o.RMS))
}

func layerNormScaleGrad(o ops.LayerNormScaleGrad) launch {
	return columnwise("layernorm_scale_grad", o.Rows, o.Cols)
}
