package kernels

import "github.com/gradus-ml/gradus/engine/ops"

func peak(o ops.Peak) launch { return columnwise("peak", o.Rows, o.Cols) }
