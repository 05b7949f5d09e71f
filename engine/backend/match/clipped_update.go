package match

import (
	"slices"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

// A ClippedUpdate is the clipping of gradients and the update behind it that takes them, to be done in one pass where the update stands: each
// gradient is clipped, kept and used.
type ClippedUpdate struct {
	Clip        ops.Clip
	Update      backend.Op // ops.SGD or ops.Adaptive
	Index       int        // of Clip
	UpdateIndex int
}

// FindClippedUpdate looks for one whose clipping is at the index.
func FindClippedUpdate(list []backend.Op, i int) (u ClippedUpdate, ok bool) {
	if u.Clip, ok = At[ops.Clip](list, i); !ok {
		return u, false
	}
	u.Index = i
	u.UpdateIndex, ok = FirstAfter(list, i, func(op backend.Op) bool { return takes(op, u.Clip) })
	if !ok {
		return u, false
	}
	u.Update = list[u.UpdateIndex]
	return u, Gathers(list, i, u.UpdateIndex) && backend.CheckOperands("clipped update", u.Operands()) == nil
}

// takes reports whether the operation is an update by all of the gradients, and by no others.
func takes(op backend.Op, c ops.Clip) bool {
	switch o := op.(type) {
	case ops.SGD:
		return o.Grads == c.Grads && o.N == c.N
	case ops.Adaptive:
		return o.Grads == c.Grads && o.N == c.N
	}
	return false
}

// Operands are those of the update, which writes the gradients too, and, for clipping by the norm, the sum of squares.
func (u ClippedUpdate) Operands() []backend.Operand {
	list := slices.Clone(u.Update.Operands())
	for i := range list {
		if list[i].Name == "grads" {
			list[i].Access = backend.ReadWrite
		}
	}
	if u.Clip.Norm {
		list = append(list, u.Clip.Operands()[1])
	}
	return list
}
