package kernels

import (
	"slices"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/match"
	"github.com/gradus-ml/gradus/shaders"
)

// mostStorage is how many storage buffers Metal and browsers bind at once.
const mostStorage = 8

// clipAndUpdate lets the clipping of gradients and the update that takes them be one task.
func clipAndUpdate(f *fuser, i int) {
	u, ok := match.FindClippedUpdate(f.list, i)
	if !ok {
		return
	}
	operands := u.Operands()
	if !u.Clip.Norm && len(operands) < mostStorage {
		operands = append(operands, reads("squares", factorsOf(operands))) // no kernel looks at it
	}
	if len(operands) <= mostStorage {
		f.one(task{"clip and " + u.Update.Name(), clippedUpdate(u), operands}, u.Index, u.UpdateIndex)
	}
}

// clippedUpdate is the update's launch with the kernel that clips before.
func clippedUpdate(u match.ClippedUpdate) launch {
	l, _ := launchOf(u.Update)
	l = l.each(func(l *launch) {
		l.shader += "_clipped"
		l.params = append(slices.Clip(l.params), f32(u.Clip.Limit))
	})
	l = withBits(l, u.Clip.N)
	if u.Clip.Norm {
		l = l.with(shaders.Bool("BY_NORM", true))
	}
	return l
}

func factorsOf(operands []backend.Operand) backend.Region {
	return operands[slices.IndexFunc(operands, func(o backend.Operand) bool { return o.Name == "factors" })].Region
}
