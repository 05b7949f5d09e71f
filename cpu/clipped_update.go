package cpu

import (
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/match"
	"github.com/gradus-ml/gradus/engine/ops"
)

// clipAndUpdate lets the clipping of gradients at the index and the update that takes them be one job.
func clipAndUpdate(list []backend.Op, i int, fused map[int]*job) {
	u, ok := match.FindClippedUpdate(list, i)
	if !ok {
		return
	}
	fused[u.Index], fused[u.UpdateIndex] = nil, clipping(u.Clip).then(updating(u.Update)).job()
}

func updating(op backend.Op) sweep {
	if o, ok := op.(ops.SGD); ok {
		return descending(o)
	}
	return adapting(op.(ops.Adaptive))
}
