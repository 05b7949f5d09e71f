package kernels

import "github.com/gradus-ml/gradus/engine/ops"

func bias(o ops.Bias) launch { return elementwise("bias", o.Rows*o.Cols, uint32(o.Cols)) }

func biasGrad(o ops.BiasGrad) launch { return columnwise("bias_grad", o.Rows, o.Cols) }
