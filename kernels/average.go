package kernels

import "github.com/gradus-ml/gradus/engine/ops"

func average(o ops.Average) launch { return elementwise("average", o.N, rates(o.Rates)...) }
