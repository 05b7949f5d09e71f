package kernels

import "github.com/gradus-ml/gradus/engine/ops"

func argMax(o ops.ArgMax) launch { return rowwise("argmax", o.Rows, o.Cols) }
