package cpu

import "github.com/gradus-ml/gradus/engine/backend"

// fuse returns the jobs that take the place of operations, by their index; nil for those that are done by another's.
func (d *Backend) fuse(list []backend.Op) map[int]*job {
	fused := map[int]*job{}
	if d.set == generic {
		return fused
	}
	for i := range list {
		if u, ok := findUnfolding(list, i); ok {
			u.replace(fused)
		}
		shareExponentials(list, i, fused)
		productAndBias(list, i, fused)
	}
	return fused
}

// unread reports whether nobody but the given operation reads the region's buffer, in the list or after a run.
func unread(list []backend.Op, r backend.Region, but int) bool {
	for i, op := range list {
		for _, o := range op.Operands() {
			if i != but && o.Access.Reads() && o.Region.Buffer == r.Buffer {
				return false
			}
		}
	}
	return r.Buffer.(*buffer).transient
}

// untouched reports whether none of the operations writes to any of the regions.
func untouched(list []backend.Op, regions ...backend.Region) bool {
	for _, op := range list {
		for _, o := range op.Operands() {
			for _, r := range regions {
				if o.Access.Writes() && o.Region.Overlaps(r) {
					return false
				}
			}
		}
	}
	return true
}

// lastBefore returns the index of the last operation of type T before index i that is wanted.
func lastBefore[T backend.Op](list []backend.Op, i int, wanted func(T) bool) (int, bool) {
	for i--; i >= 0; i-- {
		if op, ok := list[i].(T); ok && wanted(op) {
			return i, true
		}
	}
	return 0, false
}

// at returns operation i of the list, if it is of type T.
func at[T backend.Op](list []backend.Op, i int) (op T, ok bool) {
	if i >= 0 && i < len(list) {
		op, ok = list[i].(T)
	}
	return op, ok
}
