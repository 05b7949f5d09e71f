package kernels

import (
	"github.com/gradus-ml/gradus/engine/ops"
	"github.com/gradus-ml/gradus/shaders"
)

func combine(o ops.Combine) launch {
	return elementwise("combine", o.N, f32(o.WeightA), f32(o.WeightB)).with(shaders.Uint("COMBINATION", int(o.Combination)))
}

func combineGrad(o ops.CombineGrad) launch {
	return elementwise("combine_grad", o.N, f32(o.Weight)).with(shaders.Uint("COMBINATION", int(o.Combination)), shaders.Bool("SECOND", o.Second))
}
