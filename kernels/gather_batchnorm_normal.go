package kernels

import (
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/match"
	"github.com/gradus-ml/gradus/engine/ops"
	"github.com/gradus-ml/gradus/shaders"
)

// normalise has norm, the BatchNorm of an unfolding, done: with the gathering of the input and of its labels, or as a task of its own.
func (f *fuser) normalise(u match.Unfolding, norm task) {
	if !f.gatherAndNormalise(u, norm) {
		f.replace(norm, u.NormIndex)
	}
}

// gatherAndNormalise lets all three be one task, if nobody else reads the input and its rows are few enough for threads to hold.
func (f *fuser) gatherAndNormalise(u match.Unfolding, norm task) bool {
	n := u.Norm
	i, ok := match.LastBefore(f.list, u.NormIndex, func(x ops.Gather) bool { return x.Y == n.X && x.Cols == n.Cols })
	if !ok || !f.unread(n.X, u.NormIndex, u.Index+2) {
		return false
	}
	x := f.list[i].(ops.Gather)
	j, ok := match.FirstAfter(f.list, i, func(y ops.GatherLabels) bool { return sameExamples(x, y) })
	if !ok || j > u.NormIndex {
		return false
	}
	t, ok := gatherNormal(x, f.list[j].(ops.GatherLabels), n, norm, f.emulated)
	if !ok || !f.free(i, j) || !f.binds(t) || !match.Gathers(f.list, i, j, u.NormIndex) {
		return false
	}
	f.replace(t, i, j, u.NormIndex)
	return true
}

// mostHeld is how many rows a thread of a GPU holds, and mostHeldEmulated one that has a column for itself.
const mostHeld, mostHeldEmulated = 8, 32

// gatherNormal is the task of all three: of norm, the BatchNorm's, it has the places in weights and moving and the operands behind x.
func gatherNormal(x ops.Gather, y ops.GatherLabels, n ops.BatchNorm, norm task, emulated bool) (t task, ok bool) {
	steps, stepsAt, one := joined(x.Order, x.Clock)
	threads, lanes, most := groupThreads/4, 8, mostHeld
	for lanes < 32 && x.Rows > lanes*most {
		lanes *= 2
	}
	if emulated {
		threads, lanes, most = emulatedVector, 1, mostHeldEmulated
	}
	held := ceil(x.Rows, lanes)
	if !one || x.Cols%4 != 0 || held > most {
		return task{}, false
	}
	params := matrix(x.Rows, x.Cols/4, positionsOf(x.Stride, x.First, x.Order.Len, x.Examples))
	params = append(append(params, f32(x.Scale)), stepsAt...)
	for _, at := range norm.params[3:7] {
		params = append(params, at/4)
	}
	shader := "gather_f32_batchnorm_normal"
	if x.Data.Kind() == backend.U8 {
		shader = "gather_u8_batchnorm_normal"
	}
	l := stripsOf(threads, shader, "COLS", x.Cols/4, lanes, append(params, f32(n.Momentum), f32(n.Epsilon))).with(shaders.Uint("HELD", held))
	operands := []backend.Operand{reads("data", x.Data), reads("labels", y.Labels), reads("steps", steps)}
	return task{"gather and batchnorm_normal", l, append(append(operands, norm.operands[1:]...), writes("label", y.Y))}, true
}
