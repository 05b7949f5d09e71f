// Package match finds runs of operations in a list that a backend may do in one: what each needs to know before it leaves a result
// out, or does an operation earlier or later than it stands.
package match

import (
	"slices"

	"github.com/gradus-ml/gradus/engine/backend"
)

// At returns operation i of the list, if it is of type T.
func At[T backend.Op](list []backend.Op, i int) (op T, ok bool) {
	if i >= 0 && i < len(list) {
		op, ok = list[i].(T)
	}
	return op, ok
}

// LastBefore returns the index of the last operation of type T before index i that is wanted.
func LastBefore[T backend.Op](list []backend.Op, i int, wanted func(T) bool) (int, bool) {
	for i--; i >= 0; i-- {
		if op, ok := list[i].(T); ok && wanted(op) {
			return i, true
		}
	}
	return 0, false
}

// FirstAfter returns the index of the first operation of type T after index i that is wanted.
func FirstAfter[T backend.Op](list []backend.Op, i int, wanted func(T) bool) (int, bool) {
	for i++; i < len(list); i++ {
		if op, ok := list[i].(T); ok && wanted(op) {
			return i, true
		}
	}
	return 0, false
}

// Unread reports whether nobody but the given operations reads the region's buffer, in the list or after a run.
func Unread(list []backend.Op, r backend.Region, but ...int) bool {
	t, ok := r.Buffer.(backend.Transient)
	if !ok || !t.IsTransient() {
		return false
	}
	for i, op := range list {
		if slices.Contains(but, i) {
			continue
		}
		for _, o := range op.Operands() {
			if o.Access.Reads() && o.Region.Buffer == r.Buffer {
				return false
			}
		}
	}
	return true
}

// Untouched reports whether none of the operations writes to any of the regions.
func Untouched(list []backend.Op, regions ...backend.Region) bool {
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

// Independent reports whether an operation may change places with all of the others: neither writes what the other uses.
func Independent(op backend.Op, others []backend.Op) bool {
	for _, other := range others {
		for _, a := range op.Operands() {
			for _, b := range other.Operands() {
				if (a.Access.Writes() || b.Access.Writes()) && a.Region.Overlaps(b.Region) {
					return false
				}
			}
		}
	}
	return true
}

// Gathers reports whether the operations at the indices, in ascending order, may all be done where the last of them stands: those between
// them, which are done before, neither write what they use nor use what they write.
func Gathers(list []backend.Op, indices ...int) bool {
	last := indices[len(indices)-1]
	for n, i := range indices {
		var between []backend.Op
		for j := i + 1; j < last; j++ {
			if !slices.Contains(indices[n:], j) {
				between = append(between, list[j])
			}
		}
		if !Independent(list[i], between) {
			return false
		}
	}
	return true
}
