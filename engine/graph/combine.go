package graph

import (
	"slices"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

// Combine makes one tensor of two of the same shape, element by element.
func Combine(r *Recorder, kind ops.Combination, a, b *Tensor) *Tensor {
	if !slices.Equal(a.shape, b.shape) {
		r.Fail("graph: %v: shapes are %v and %v, want two alike", kind, a.shape, b.shape)
		return a
	}
	n := a.Size()
	y := r.apply(a.shape, []*Tensor{a, b}, func(*Tensor) func(backend.Region) {
		return func(dy backend.Region) {
			if kind == ops.Add {
				r.pass(a, dy)
				r.pass(b, dy)
				return
			}
			back := ops.CombineGrad{A: a.value, B: b.value, DY: dy, N: n, Combination: kind}
			r.contribute(a, func(dx backend.Region) {
				back.DX, back.Second = dx, false
				r.Append(back)
			})
			r.contribute(b, func(dx backend.Region) {
				back.DX, back.Second = dx, true
				r.Append(back)
			})
		}
	})
	r.Append(ops.Combine{A: a.value, B: b.value, Y: y.value, N: n, Combination: kind})
	return y
}

// span views a tensor as rows of an axis and all axes after it: inner is the size of those.
func (r *Recorder) span(x *Tensor, axis int) (rows, length, inner int) {
	if axis < 0 || axis >= len(x.shape) {
		r.Fail("graph: axis is %d, want 0 to %d for a tensor of %v", axis, len(x.shape)-1, x.shape)
		return 1, 1, x.Size()
	}
	return Size(x.shape[:axis]), x.shape[axis], Size(x.shape[axis+1:])
}

// Slice returns the elements from to to − 1 of an axis; the batch is axis 0.
func Slice(r *Recorder, x *Tensor, axis, from, to int) *Tensor {
	rows, length, inner := r.span(x, axis)
	if r.err == nil && (from < 0 || to > length || from >= to) {
		r.Fail("graph: slice: [%d, %d) of axis %d of %v", from, to, axis, x.shape)
	}
	if r.err != nil {
		return x
	}
	shape := slices.Clone(x.shape)
	shape[axis] = to - from
	op := ops.Columns{Rows: rows, Cols: (to - from) * inner, Width: length * inner, Column: from * inner}
	y := r.apply(shape, []*Tensor{x}, func(*Tensor) func(backend.Region) {
		return func(dy backend.Region) {
			r.contribute(x, func(dx backend.Region) {
				back := op
				back.X, back.Y, back.Kind = dy, dx, ops.PadColumns
				r.Append(back)
			})
		}
	})
	op.X, op.Y = x.value, y.value
	r.Append(op)
	return y
}

// Concatenate joins tensors along an axis; the batch is axis 0. All other axes are alike.
func Concatenate(r *Recorder, axis int, xs ...*Tensor) *Tensor {
	shape := slices.Clone(xs[0].shape)
	for _, x := range xs[1:] {
		if r.span(x, axis); r.err != nil || !alike(shape, x.shape, axis) {
			r.Fail("graph: concatenate: shapes are %v and %v, want them alike but for axis %d", xs[0].shape, x.shape, axis)
			return xs[0]
		}
		shape[axis] += x.shape[axis]
	}
	rows, inner := Size(shape[:axis]), Size(shape[axis+1:])
	paste := ops.Columns{Rows: rows, Width: shape[axis] * inner, Kind: ops.PasteColumns}
	var parts []ops.Columns
	for _, x := range xs {
		paste.X, paste.Cols = x.value, x.shape[axis]*inner
		parts = append(parts, paste)
		paste.Column += paste.Cols
	}
	y := r.apply(shape, xs, func(*Tensor) func(backend.Region) {
		return func(dy backend.Region) {
			for i, x := range xs {
				r.contribute(x, func(dx backend.Region) {
					cut := parts[i]
					cut.X, cut.Y, cut.Kind = dy, dx, ops.CutColumns
					r.Append(cut)
				})
			}
		}
	})
	for _, part := range parts {
		part.Y = y.value
		r.Append(part)
	}
	return y
}

// alike reports whether two shapes differ in the axis at most.
func alike(a, b []int, axis int) bool {
	return len(a) == len(b) && slices.Equal(a[:axis], b[:axis]) && slices.Equal(a[axis+1:], b[axis+1:])
}
