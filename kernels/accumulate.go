package kernels

import "github.com/gradus-ml/gradus/engine/ops"

func accumulate(o ops.Accumulate) launch { return elementwise("accumulate", o.N) }
