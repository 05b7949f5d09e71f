package kernels

import (
	"github.com/gradus-ml/gradus/engine/ops"
	"github.com/gradus-ml/gradus/shaders"
)

// noise launches a thread for every four elements.
func noise(o ops.Noise) launch {
	g := fold(ceil(ceil(o.N, 4), groupThreads))
	scale, shift, spread, added := o.Coefficients()
	return launch{shader: "noise", groups: g, params: []uint32{uint32(o.N), g.x * groupThreads,
		uint32(o.Seed), uint32(o.Seed >> 32), uint32(o.Stream), uint32(o.Stream >> 32), o.Threshold(),
		f32(float32(scale[0])), f32(float32(scale[1])), f32(float32(shift[0])), f32(float32(shift[1])), f32(float32(spread)), f32(float32(added))},
	}.with(shaders.Bool("NORMAL", spread != 0 || added != 0))
}
