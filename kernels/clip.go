package kernels

import (
	"github.com/gradus-ml/gradus/engine/ops"
	"github.com/gradus-ml/gradus/shaders"
)

func clip(o ops.Clip) launch {
	if o.Norm {
		return valuewise("clip_norm", o.N, f32(o.Limit))
	}
	return withBits(valuewise("clip_value", o.N, f32(o.Limit)), o.N)
}

// withBits tells a shader that takes values what their bits are.
func withBits(l launch, n int) launch {
	if n%4 != 0 {
		return l
	}
	return l.with(shaders.VectorBits()...)
}
