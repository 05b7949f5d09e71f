package graph

import (
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

// MatMul returns x·w for x [rows×k] and w [k×cols].
func MatMul(r *Recorder, x, w *Tensor) *Tensor {
	if len(x.shape) != 2 || len(w.shape) != 2 || x.shape[1] != w.shape[0] {
		r.Fail("graph: matmul: shapes are %v and %v, want [rows k] and [k cols]", x.shape, w.shape)
		rows, _ := x.matrix()
		_, cols := w.matrix()
		return r.temporary(rows, cols)
	}
	m, k, n := x.shape[0], x.shape[1], w.shape[1]
	y := r.apply([]int{m, n}, []*Tensor{x, w}, func(*Tensor) func(backend.Region) {
		return func(dy backend.Region) {
			r.contribute(w, func(dw backend.Region) {
				r.Append(ops.MatMul{A: x.value, B: dy, C: dw, M: k, N: n, K: m, TransposeA: true})
			})
			r.contribute(x, func(dx backend.Region) {
				r.Append(ops.MatMul{A: dy, B: w.value, C: dx, M: m, N: k, K: n, TransposeB: true})
			})
		}
	})
	r.Append(ops.MatMul{A: x.value, B: w.value, C: y.value, M: m, N: n, K: k})
	return y
}

// MatMulTransposed returns x·wᵀ for x [rows×k] and w [cols×k].
func MatMulTransposed(r *Recorder, x, w *Tensor) *Tensor {
	if len(x.shape) != 2 || len(w.shape) != 2 || x.shape[1] != w.shape[1] {
		r.Fail("graph: matmul: shapes are %v and %v transposed, want [rows k] and [cols k]", x.shape, w.shape)
		rows, _ := x.matrix()
		return r.temporary(rows, w.shape[0])
	}
	m, k, n := x.shape[0], x.shape[1], w.shape[0]
	y := r.apply([]int{m, n}, []*Tensor{x, w}, func(*Tensor) func(backend.Region) {
		return func(dy backend.Region) {
			r.contribute(w, func(dw backend.Region) {
				r.Append(ops.MatMul{A: dy, B: x.value, C: dw, M: n, N: k, K: m, TransposeA: true})
			})
			r.contribute(x, func(dx backend.Region) {
				r.Append(ops.MatMul{A: dy, B: w.value, C: dx, M: m, N: k, K: n})
			})
		}
	})
	r.Append(ops.MatMul{A: x.value, B: w.value, C: y.value, M: m, N: n, K: k, TransposeB: true})
	return y
}

// Bias returns x plus b along the last axis: x [… cols], b [cols].
func Bias(r *Recorder, x, b *Tensor) *Tensor {
	rows, cols := x.matrix()
	if b.Size() != cols {
		r.Fail("graph: bias: shape is %v, want [%d] for an input of %v", b.shape, cols, x.shape)
	}
	y := r.apply(x.shape, []*Tensor{x, b}, func(*Tensor) func(backend.Region) {
		return func(dy backend.Region) {
			r.contribute(b, func(db backend.Region) {
				r.Append(ops.BiasGrad{DY: dy, DBias: db, Rows: rows, Cols: cols})
			})
			r.pass(x, dy)
		}
	})
	r.Append(ops.Bias{X: x.value, Bias: b.value, Y: y.value, Rows: rows, Cols: cols})
	return y
}

// pass makes dy, unchanged, a part of x's gradient. Where it is the only part it is shared, not copied: nothing is added to it any more.
func (r *Recorder) pass(x *Tensor, dy backend.Region) {
	switch {
	case !x.needs:
	case x.grad.Buffer != nil:
		r.Append(ops.Accumulate{X: dy, Y: x.grad, N: dy.Len})
	case x.uses == 1 && x.fixed.Buffer == nil && r.own[dy.Buffer]:
		x.grad = dy
	default:
		r.contribute(x, func(dx backend.Region) {
			r.Append(ops.Activation{X: dy, Y: dx, N: dy.Len, Function: ops.Identity})
		})
	}
}

// Activate applies an element-wise function: y = f(x), which is x itself for the identity. The options are the function's Alpha, Beta and Gamma, as far as it has them.
func Activate(r *Recorder, x *Tensor, f ops.Function, options ...float32) *Tensor {
	if len(options) > 3 {
		r.Fail("graph: %v: %d options, want at most 3", f, len(options))
	}
	if f == ops.Identity {
		return x
	}
	var given [3]float32
	copy(given[:], options)
	n, o := x.Size(), ops.Options{Alpha: given[0], Beta: given[1], Gamma: given[2]}
	y := r.apply(x.shape, []*Tensor{x}, func(*Tensor) func(backend.Region) {
		return func(dy backend.Region) {
			r.contribute(x, func(dx backend.Region) {
				r.Append(ops.ActivationGrad{X: x.value, DY: dy, DX: dx, N: n, Function: f, Options: o})
			})
		}
	})
	r.Append(ops.Activation{X: x.value, Y: y.value, N: n, Function: f, Options: o})
	return y
}

// Softmax turns the scores along the last axis into probabilities.
func Softmax(r *Recorder, x *Tensor) *Tensor {
	rows, cols := x.matrix()
	y := r.apply(x.shape, []*Tensor{x}, func(y *Tensor) func(backend.Region) {
		return func(dy backend.Region) {
			r.contribute(x, func(dx backend.Region) {
				r.Append(ops.SoftmaxGrad{Y: y.value, DY: dy, DX: dx, Rows: rows, Cols: cols})
			})
		}
	})
	y.logits = x
	r.Append(ops.Softmax{X: x.value, Y: y.value, Rows: rows, Cols: cols})
	return y
}

// LogSoftmax turns the scores along the last axis into logarithms of probabilities.
func LogSoftmax(r *Recorder, x *Tensor) *Tensor {
	rows, cols := x.matrix()
	y := r.apply(x.shape, []*Tensor{x}, func(y *Tensor) func(backend.Region) {
		return func(dy backend.Region) {
			r.contribute(x, func(dx backend.Region) {
				r.Append(ops.LogSoftmaxGrad{Y: y.value, DY: dy, DX: dx, Rows: rows, Cols: cols})
			})
		}
	})
	r.Append(ops.LogSoftmax{X: x.value, Y: y.value, Rows: rows, Cols: cols})
	return y
}

// CrossEntropy returns the loss of each example, [rows], from scores x [rows×classes] and class numbers [rows].
func CrossEntropy(r *Recorder, x, labels *Tensor) *Tensor {
	rows, cols := x.matrix()
	if labels.Size() != rows {
		r.Fail("graph: crossentropy: %d labels, want %d for scores of %v", labels.Size(), rows, x.shape)
	}
	y := r.apply([]int{rows}, []*Tensor{x}, func(*Tensor) func(backend.Region) {
		return func(dy backend.Region) {
			r.contribute(x, func(dx backend.Region) {
				r.Append(ops.CrossEntropyGrad{X: x.value, Labels: labels.value, DLosses: dy, DX: dx, Rows: rows, Cols: cols})
			})
		}
	})
	r.Append(ops.CrossEntropy{X: x.value, Labels: labels.value, Losses: y.value, Rows: rows, Cols: cols})
	return y
}

// Reshape returns a view of x under another shape of the same size.
func Reshape(r *Recorder, x *Tensor, shape ...int) *Tensor {
	if Size(shape) != x.Size() {
		r.Fail("graph: reshape: %v to %v, want as many elements", x.shape, shape)
	}
	return &Tensor{shape, x.node}
}
