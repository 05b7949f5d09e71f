package kernels

import "github.com/gradus-ml/gradus/engine/ops"

func logSoftmax(o ops.LogSoftmax) launch { return rowwise("log_softmax", o.Rows, o.Cols) }

func logSoftmaxGrad(o ops.LogSoftmaxGrad) launch { return rowwise("log_softmax_grad", o.Rows, o.Cols) }
