package cpu

import (
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/match"
)

// fuse returns the jobs that take the place of operations, by their index; nil for those that are done by another's.
func (d *Backend) fuse(list []backend.Op) map[int]*job {
	fused := map[int]*job{}
	for i := range list {
		clipAndUpdate(list, i, fused)
		if d.set != generic && d.theirs == nil {
			productAndBias(list, i, fused)
		}
		if !d.set.vectorised() {
			continue
		}
		if u, ok := match.FindUnfolding(list, i); ok && d.theirs == nil {
			unfolding{u}.replace(fused)
		}
		shareExponentials(list, i, fused)
	}
	return fused
}
