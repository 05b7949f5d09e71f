package kernels

import (
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/match"
	"github.com/gradus-ml/gradus/engine/ops"
)

// gatherWithLabels lets the features and the labels of the same examples be gathered by one task. Bytes are copied by words, which rows
// must be made of.
func gatherWithLabels(f *fuser, i int) {
	x, ok := match.At[ops.Gather](f.list, i)
	bytes := ok && x.Data.Kind() == backend.U8
	if !ok || bytes && x.Cols%4 != 0 {
		return
	}
	j, ok := match.FirstAfter(f.list, i, func(y ops.GatherLabels) bool { return sameExamples(x, y) })
	if !ok {
		return
	}
	y, l := f.list[j].(ops.GatherLabels), gather(x)
	if bytes {
		words := x
		words.Cols = x.Cols / 4
		l = gather(words)
	}
	l.shader += "_labels"
	f.one(task{"gather and gather_labels", l, []backend.Operand{
		reads("data", x.Data), reads("labels", y.Labels), reads("order", x.Order), reads("clock", x.Clock), writes("y", x.Y), writes("label", y.Y),
	}}, i, j)
}

func sameExamples(x ops.Gather, y ops.GatherLabels) bool {
	return y.Order == x.Order && y.Clock == x.Clock && y.Examples == x.Examples && y.Rows == x.Rows && y.Stride == x.Stride && y.First == x.First
}
