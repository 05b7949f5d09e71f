package kernels

import "github.com/gradus-ml/gradus/engine/ops"

func accuracy(o ops.Accuracy) launch { return rowwise("accuracy", o.Rows, o.Cols, uint32(o.K)) }
