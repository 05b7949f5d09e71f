package kernels

import "github.com/gradus-ml/gradus/engine/ops"

func blend(o ops.Blend) launch {
	return elementwise("blend", o.N, f32(float32(o.Alpha)), f32(float32(o.Beta)))
}
