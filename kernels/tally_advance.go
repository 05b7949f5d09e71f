package kernels

import (
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/match"
	"github.com/gradus-ml/gradus/engine/ops"
)

// tallyAndAdvance lets the end of a step and the one or two tallies before it be one task.
func tallyAndAdvance(f *fuser, i int) {
	end, ok := match.At[ops.Advance](f.list, i)
	y, tallied := match.At[ops.Tally](f.list, i-1)
	if !ok || !tallied || y.Width != 1 || y.Clock != end.Clock {
		return
	}
	indices, x := []int{i - 1, i}, y // the only one is tallied twice, at the same place
	if first, both := match.At[ops.Tally](f.list, i-2); both && together(first, y) {
		indices, x = []int{i - 2, i - 1, i}, first
	}
	params := []uint32{uint32(y.N), uint32(y.Steps), uint32(y.Columns), uint32(x.Column), uint32(y.Column)}
	f.one(task{"tally and advance", launch{shader: "tally_advance", params: params, groups: 1}, []backend.Operand{
		reads("x", x.X), reads("y", y.X), updates("ledger", y.Ledger), updates("clock", end.Clock),
	}}, indices...)
}

// together reports whether two tallies write to the same row of a ledger, and sum as many values.
func together(x, y ops.Tally) bool {
	return x.Ledger == y.Ledger && x.Clock == y.Clock && x.N == y.N && x.Width == y.Width && x.Columns == y.Columns
}
