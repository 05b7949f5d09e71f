package kernels

import (
	"math"
	"slices"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/match"
	"github.com/gradus-ml/gradus/engine/ops"
	"github.com/gradus-ml/gradus/shaders"
)

// mostCounted is the largest k of an accuracy whose counts are summed in f32.
const mostCounted = 1 << 16

// scoreAndGrad lets the loss, the accuracy and the gradient of the same scores be one task.
func scoreAndGrad(f *fuser, i int) {
	x, ok := match.At[ops.CrossEntropy](f.list, i)
	if !ok {
		return
	}
	j, ok := match.FirstAfter(f.list, i, func(a ops.Accuracy) bool {
		return a.X == x.X && a.Labels == x.Labels && a.Cols == x.Cols && a.K <= mostCounted
	})
	if !ok {
		return
	}
	k, ok := match.FirstAfter(f.list, i, func(g ops.CrossEntropyGrad) bool {
		return g.X == x.X && g.Labels == x.Labels && g.Cols == x.Cols
	})
	if !ok {
		return
	}
	a, g := f.list[j].(ops.Accuracy), f.list[k].(ops.CrossEntropyGrad)
	l := rowwise("crossentropy_accuracy_grad", x.Rows, x.Cols, uint32(a.K), f32(float32(math.NaN())))
	t := task{"crossentropy_accuracy_grad", l, []backend.Operand{
		reads("x", x.X), reads("labels", x.Labels), reads("dlosses", g.DLosses),
		writes("losses", x.Losses), writes("correct", a.Correct), writes("dx", g.DX),
	}}
	n, ok := match.FirstAfter(f.list, max(j, k), func(b ops.BiasGrad) bool { return b.DY == g.DX && b.Cols == g.Cols })
	if ok && l.on(f.emulated).groups <= fewScores && x.Cols <= fewClasses && x.Rows*x.Cols <= keptScores {
		f.one(withBiasGrad(t, f.list[n].(ops.BiasGrad)), i, min(j, k), max(j, k), n)
	}
	f.one(t, i, min(j, k), max(j, k))
}

const (
	// fewScores is how many workgroups' rows one does alone, so that it sees whole columns.
	fewScores = 4
	// fewClasses is how many columns it has a thread for, everywhere, and keptScores how many gradients it keeps in its memory.
	fewClasses, keptScores = 32, 3072
)

// withBiasGrad adds the gradient of the bias behind which the scores lie.
func withBiasGrad(t task, b ops.BiasGrad) task {
	columns := 1
	for columns < b.Cols {
		columns *= 2
	}
	t.name = "crossentropy_accuracy_bias_grad"
	t.operands = append(slices.Clip(t.operands), writes("dbias", b.DBias))
	t.launch = t.launch.each(func(l *launch) {
		l.shader, l.groups, l.row = t.name, 1, row{}
		l.params = slices.Concat(l.params[:2], l.params[3:]) // no workgroups in a row
	}).with(shaders.Uint("COLUMNS", columns))
	return t
}
