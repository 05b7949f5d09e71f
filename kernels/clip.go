package kernels

import "github.com/gradus-ml/gradus/engine/ops"

func clip(o ops.Clip) launch {
	shader := "clip_value"
	if o.Norm {
		shader = "clip_norm"
	}
	return elementwise(shader, o.N, f32(o.Limit))
}
