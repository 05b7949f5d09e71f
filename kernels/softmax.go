package kernels

import "github.com/gradus-ml/gradus/engine/ops"

func softmax(o ops.Softmax) launch { return rowwise("softmax", o.Rows, o.Cols) }

func softmaxGrad(o ops.SoftmaxGrad) launch { return rowwise("softmax_grad", o.Rows, o.Cols) }
