package kernels

import (
	"github.com/gradus-ml/gradus/engine/ops"
	"github.com/gradus-ml/gradus/shaders"
)

// longUnits is from how many elements of a unit on, on average, a workgroup does one unit instead of 32 that may lie side by side.
const longUnits = 2048

func rescale(o ops.Rescale) launch {
	lanes := 8
	if o.N/max(1, o.Count) >= longUnits {
		lanes = groupThreads
	}
	return launch{shader: "rescale", groups: ceil(o.Count, groupThreads/lanes), row: row{1, 1}, params: []uint32{uint32(o.Count), 0, f32(o.Limit), f32(o.Epsilon)}}.
		with(shaders.Uint("KIND", int(o.Kind)), shaders.Uint("LANES", lanes), shaders.Uint("UNITS", groupThreads/lanes))
}
