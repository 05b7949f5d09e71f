package kernels

import (
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/match"
	"github.com/gradus-ml/gradus/engine/ops"
	"github.com/gradus-ml/gradus/shaders"
)

// normalise lets the gathering of the input and of its labels be one task with the BatchNorm of an unfolding, norm, if nobody else reads the input and
// its rows are few enough for threads to hold; else norm is a task of its own.
func (f *fuser) normalise(u match.Unfolding, norm task) {
	n, last := u.Norm, u.Index+2
	i, gathered := match.LastBefore(f.list, u.NormIndex, func(x ops.Gather) bool { return x.Y == n.X && x.Cols == n.Cols })
	if gathered && f.unread(n.X, u.NormIndex, last) {
		x := f.list[i].(ops.Gather)
		j, labelled := match.FirstAfter(f.list, i, func(y ops.GatherLabels) bool { return sameExamples(x, y) })
		if labelled && j < u.NormIndex {
			t, ok := gatherNormal(x, f.list[j].(ops.GatherLabels), n, norm.operands, f.emulated)
			if ok && f.free(i, j) && f.binds(t) && match.Gathers(f.list, i, j, u.NormIndex) {
				f.replace(t, i, j, u.NormIndex)
				return
			}
		}
	}
	f.replace(norm, u.NormIndex)
}

// mostHeld is how many rows a thread of a GPU holds, and mostHeldEmulated one that has a column for itself.
const mostHeld, mostHeldEmulated = 8, 32

// gatherNormal is the task of all three, with the operands of the BatchNorm's.
func gatherNormal(x ops.Gather, y ops.GatherLabels, n ops.BatchNorm, norm []backend.Operand, emulated bool) (t task, ok bool) {
	steps, stepsAt, one := joined(x.Order, x.Clock)
	_, scaleAt, _ := joined(n.Gamma, n.Beta)
	_, movingAt, _ := joined(n.MovingMean, n.MovingVariance)
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
	for _, at := range append(scaleAt, movingAt...) {
		params = append(params, at/4)
	}
	shader := "gather_f32_batchnorm_normal"
	if x.Data.Kind() == backend.U8 {
		shader = "gather_u8_batchnorm_normal"
	}
	l := stripsOf(threads, shader, "COLS", x.Cols/4, lanes, append(params, f32(n.Momentum), f32(n.Epsilon))).with(shaders.Uint("HELD", held))
	return task{"gather and batchnorm_normal", l, append([]backend.Operand{
		reads("data", x.Data), reads("labels", y.Labels), reads("steps", steps)}, append(norm[1:5:5], writes("label", y.Y))...)}, true
}
