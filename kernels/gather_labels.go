package kernels

import (
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/match"
	"github.com/gradus-ml/gradus/engine/ops"
)

// gatherWithLabels lets the features and the labels of the same examples be gathered by one task.
func gatherWithLabels(f *fuser, i int) {
	x, ok := match.At[ops.Gather](f.list, i)
	if !ok {
		return
	}
	j, ok := match.FirstAfter(f.list, i, func(y ops.GatherLabels) bool {
		return y.Order == x.Order && y.Clock == x.Clock && y.Examples == x.Examples && y.Rows == x.Rows && y.Stride == x.Stride && y.First == x.First
	})
	if !ok {
		return
	}
	y, l := f.list[j].(ops.GatherLabels), gather(x)
	l.shader += "_labels"
	f.one(task{"gather and gather_labels", l, []backend.Operand{
		reads("data", x.Data), reads("labels", y.Labels), reads("order", x.Order), reads("clock", x.Clock), writes("y", x.Y), writes("label", y.Y),
	}}, i, j)
}
