package graph

import (
	"slices"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

// Combine makes one tensor of two of the same shape, element by element; a Sum has the weights 1 and 1.
func Combine(r *Recorder, kind ops.Combination, a, b *Tensor) *Tensor {
	return combine(r, ops.Combine{Combination: kind, WeightA: 1, WeightB: 1}, a, b)
}

// WeightedSum returns u·a + v·b of tensors of the same shape.
func WeightedSum(r *Recorder, u float32, a *Tensor, v float32, b *Tensor) *Tensor {
	return combine(r, ops.Combine{WeightA: u, WeightB: v}, a, b)
}

func combine(r *Recorder, op ops.Combine, a, b *Tensor) *Tensor {
	if !slices.Equal(a.shape, b.shape) {
		r.Fail("graph: %v: shapes are %v and %v, want two alike", op.Combination, a.shape, b.shape)
		return a
	}
	op.N = a.Size()
	y := r.apply(a.shape, []*Tensor{a, b}, func(*Tensor) func(backend.Region) {
		return func(dy backend.Region) {
			back := ops.CombineGrad{A: a.value, B: b.value, DY: dy, N: op.N, Combination: op.Combination}
			combineBack(r, back, a, op.WeightA)
			back.Second = true
			combineBack(r, back, b, op.WeightB)
		}
	})
	op.A, op.B, op.Y = a.value, b.value, y.value
	r.Append(op)
	return y
}

// combineBack records the gradient with respect to one of the two. That of a plain sum is passed on as it is.
func combineBack(r *Recorder, back ops.CombineGrad, x *Tensor, weight float32) {
	if back.Combination == ops.Sum && weight == 1 {
		r.pass(x, back.DY)
		return
	}
	r.contribute(x, func(dx backend.Region) {
		back.DX, back.Weight = dx, weight
		r.Append(back)
	})
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
