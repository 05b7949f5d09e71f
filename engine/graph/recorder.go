package graph

import (
	"fmt"
	"slices"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

// Mode says what the recorded step is for. Layers such as BatchNorm differ in it.
type Mode uint8

// The modes.
const (
	Inference Mode = iota
	Training
	Sampling // inference in which layers like Dropout stay random
)

// A Recorder collects the operations of one step. It is not for concurrent use.
type Recorder struct {
	penalties []*Tensor // to be added to the loss
	dev       backend.Backend
	store     *Store
	mode      Mode
	list      []entry
	part      string // what the next operations belong to
	tape      []flow
	buffers   []backend.Buffer
	own       map[backend.Buffer]bool // buffers made by this recorder
	params    map[*Variable]*Tensor
	taken     []backend.Buffer // in use, new or not
	spare     []backend.Buffer // of the recording before, to be used again
	draws     uint64           // operations that draw random numbers
	err       error
	deviceErr error // of the device, if err came from it
}

// entry is one recorded operation.
type entry struct {
	op   backend.Op
	part string
}

// flow is one entry of the tape: how the gradient of y becomes contributions to what y was made of.
type flow struct {
	y    *Tensor
	part string
	back func(dy backend.Region)
}

// NewRecorder returns an empty recording over the variables of the store.
func NewRecorder(store *Store, mode Mode) *Recorder {
	return &Recorder{dev: store.dev, store: store, mode: mode, own: map[backend.Buffer]bool{}, params: map[*Variable]*Tensor{}}
}

// Then returns an empty recording whose operations run after those of r, in one program with them. It uses r's temporary memory again;
// nothing may be added to r any more.
func (r *Recorder) Then() *Recorder {
	next := NewRecorder(r.store, r.mode)
	next.err = r.err
	next.spare = append(next.spare, r.spare...)
	for _, b := range r.taken {
		if r.own[b] {
			next.spare = append(next.spare, b)
		}
	}
	return next
}

// Training reports whether the step is recorded for training.
func (r *Recorder) Training() bool { return r.mode == Training }

// Random reports whether layers like Dropout are random in the step.
func (r *Recorder) Random() bool { return r.mode != Inference }

// Err returns the first mistake met.
func (r *Recorder) Err() error { return r.err }

// Fail notes a mistake; the first one counts.
func (r *Recorder) Fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
}

// refused is Fail for what the device does not do.
func (r *Recorder) refused(format string, err error) {
	if r.err == nil {
		r.Fail(format, err)
		r.deviceErr = r.err
	}
}

// DeviceErr returns the failure of the device that ended the recording; nil where that was a mistake of what is recorded, or nothing.
func (r *Recorder) DeviceErr() error { return r.deviceErr }

// Append adds operations that have no gradient, such as an optimizer's.
func (r *Recorder) Append(list ...backend.Op) {
	for _, op := range list {
		r.list = append(r.list, entry{op, r.part})
	}
}

// Part names what the operations belong to that are recorded from now on: a layer, the loss. Their gradients are named after it.
func (r *Recorder) Part(name string) { r.part = name }

// Input returns a new tensor that the caller fills. needsGrad asks Backward for its gradient.
func (r *Recorder) Input(needsGrad bool, shape ...int) *Tensor {
	return &Tensor{shape, &node{value: r.outside(backend.F32, Size(shape)), needs: needsGrad}}
}

// Temporary returns a new tensor that operations of the recording fill.
func (r *Recorder) Temporary(shape ...int) *Tensor { return r.temporary(shape...) }

// Labels returns a new tensor of n class numbers that the caller, or an operation, fills.
func (r *Recorder) Labels(n int) *Tensor {
	return &Tensor{[]int{n}, &node{value: r.alloc(backend.U32, n)}}
}

// Keep marks a tensor as a result: what computes it stays in the program although no operation reads it.
func (r *Recorder) Keep(t *Tensor) { delete(r.own, t.value.Buffer) }

// KeepGrad is Keep for the gradient of a tensor, after Backward.
func (r *Recorder) KeepGrad(t *Tensor) { delete(r.own, t.grad.Buffer) }

// Variable returns the tensor of a variable of the store.
func (r *Recorder) Variable(v *Variable) *Tensor {
	t, ok := r.params[v]
	if !ok {
		trainable := r.store.places[v].trainable
		t = &Tensor{v.Shape, &node{value: r.store.Value(v), needs: trainable}}
		if trainable {
			t.fixed = r.store.Grad(v)
		}
		r.params[v] = t
	}
	return t
}

// Uses reports whether the recording has used the variable so far.
func (r *Recorder) Uses(v *Variable) bool { return r.params[v] != nil }

// Trains reports whether the variable is among those that the store trains.
func (r *Recorder) Trains(v *Variable) bool { return r.store.places[v].trainable }

// Backward records the gradients of Σ_i seed[i]·y[i] with respect to everything that y depends on and that needs one.
// The seed has y's size.
func (r *Recorder) Backward(y *Tensor, seed backend.Region) {
	if r.err != nil {
		return
	}
	if seed.Len != y.Size() {
		r.Fail("graph: backward: seed has %d elements, want %d for shape %v", seed.Len, y.Size(), y.shape)
		return
	}
	if !y.needs {
		r.Fail("graph: backward: nothing that the loss depends on is trainable")
		return
	}
	y.grad = seed
	for i := len(r.tape) - 1; i >= 0; i-- {
		if dy, ok := r.tape[i].y.Grad(); ok {
			r.part = "the gradient of " + r.tape[i].part
			r.tape[i].back(dy)
		}
	}
}

// BackwardMean records the gradients of the mean of y's elements.
func (r *Recorder) BackwardMean(y *Tensor) { r.BackwardShare(y, 1/float32(y.Size())) }

// BackwardShare records the gradients of the sum of y's elements times a weight: that of one example among all of a step, say.
func (r *Recorder) BackwardShare(y *Tensor, weight float32) {
	r.Backward(y, r.Constant(slices.Repeat([]float32{weight}, y.Size()), y.Size()).value)
}

// Constant returns a tensor that holds the values; it has no gradient.
func (r *Recorder) Constant(values []float32, shape ...int) *Tensor {
	t := &Tensor{shape, &node{value: r.outside(backend.F32, Size(shape))}}
	if r.err != nil {
		return t
	}
	if err := backend.Upload(r.dev, t.value, values); err != nil {
		r.refused("graph: constant: %w", err)
	}
	return t
}

// Indices returns a tensor that holds the numbers.
func (r *Recorder) Indices(values []uint32) *Tensor {
	t := &Tensor{[]int{len(values)}, &node{value: r.outside(backend.U32, len(values))}}
	if r.err != nil {
		return t
	}
	if err := backend.Upload(r.dev, t.value, values); err != nil {
		r.refused("graph: indices: %w", err)
	}
	return t
}

// outside returns a region that is filled from outside, before the program runs: a buffer that no other recording of it writes.
func (r *Recorder) outside(kind backend.Kind, n int) backend.Region {
	spare := r.spare
	r.spare = nil
	region := r.alloc(kind, n)
	r.spare = spare
	delete(r.own, region.Buffer) // nor may an operation reuse it; and what writes it is kept
	return region
}

// apply makes the result of a differentiable function: its shape, whether a gradient flows, and how.
func (r *Recorder) apply(shape []int, inputs []*Tensor, back func(y *Tensor) func(dy backend.Region)) *Tensor {
	y := r.temporary(shape...)
	for _, x := range inputs {
		x.uses++
		y.needs = y.needs || x.needs
	}
	if y.needs {
		r.tape = append(r.tape, flow{y, r.part, back(y)})
	}
	return y
}

// contribute hands write the place for a part of x's gradient. The first part overwrites; later ones are added.
func (r *Recorder) contribute(x *Tensor, write func(dx backend.Region)) {
	switch {
	case !x.needs:
	case x.grad.Buffer != nil:
		part := r.scratch(x)
		write(part)
		r.Append(ops.Accumulate{X: part, Y: x.grad, N: part.Len})
	default:
		x.grad = x.fixed
		if x.grad.Buffer == nil {
			x.grad = r.scratch(x)
		}
		write(x.grad)
	}
}

// contributeOr is contribute for operations that write a gradient whether or not it is needed.
func (r *Recorder) contributeOr(x *Tensor, write func(dx backend.Region)) {
	if !x.needs {
		write(r.scratch(x))
		return
	}
	r.contribute(x, write)
}

func (r *Recorder) scratch(like *Tensor) backend.Region { return r.alloc(backend.F32, like.Size()) }

func (r *Recorder) temporary(shape ...int) *Tensor {
	return &Tensor{shape, &node{value: r.alloc(backend.F32, Size(shape))}}
}

// alloc returns a region of a new buffer; after a mistake, the zero Region of that length.
func (r *Recorder) alloc(kind backend.Kind, n int) backend.Region {
	if r.err != nil {
		return backend.Region{Len: n}
	}
	if b, ok := r.reuse(kind, n); ok {
		return b
	}
	b, err := r.dev.Alloc(kind, n)
	if err != nil {
		r.refused("graph: %w", err)
		return backend.Region{Len: n}
	}
	r.buffers = append(r.buffers, b)
	return r.take(b)
}

func (r *Recorder) take(b backend.Buffer) backend.Region {
	r.taken = append(r.taken, b)
	r.own[b] = true
	return backend.Whole(b)
}

// reuse returns a buffer of the recording before that fits, if there is one.
func (r *Recorder) reuse(kind backend.Kind, n int) (backend.Region, bool) {
	i := slices.IndexFunc(r.spare, func(b backend.Buffer) bool { return b.Kind() == kind && b.Len() == n })
	if i < 0 {
		return backend.Region{}, false
	}
	b := r.spare[i]
	r.spare = slices.Delete(r.spare, i, i+1)
	return r.take(b), true
}
