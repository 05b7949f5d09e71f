package kernels

import "github.com/gradus-ml/gradus/engine/ops"

// rates returns the parameters that say where the coefficients of the step are, and those that follow.
func rates(r ops.Rates, rest ...uint32) []uint32 {
	return append([]uint32{uint32(r.Steps - 1), uint32(r.Columns), uint32(r.First)}, rest...)
}

func sgd(o ops.SGD) launch {
	if !o.HasVelocity() {
		return blockwise("sgd", o.N, rates(o.Rates)...)
	}
	nesterov := uint32(0)
	if o.Nesterov {
		nesterov = 1
	}
	return blockwise("sgd_momentum", o.N, rates(o.Rates, nesterov)...)
}
