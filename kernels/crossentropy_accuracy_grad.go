package kernels

import (
	"math"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/match"
	"github.com/gradus-ml/gradus/engine/ops"
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
	f.one(task{"crossentropy_accuracy_grad", l, []backend.Operand{
		reads("x", x.X), reads("labels", x.Labels), reads("dlosses", g.DLosses),
		writes("losses", x.Losses), writes("correct", a.Correct), writes("dx", g.DX),
	}}, i, min(j, k), max(j, k))
}
