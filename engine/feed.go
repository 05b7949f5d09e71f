package engine

import (
	"fmt"
	"slices"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/data"
	"github.com/gradus-ml/gradus/engine/graph"
	"github.com/gradus-ml/gradus/engine/ops"
)

// feed is a data set that is resident on the device, the order in which its examples are taken,
// and the clock that says which step comes next.
type feed struct {
	dev      backend.Backend
	set      *data.Set // of a stream a sample: its examples are not resident
	stream   *data.Stream
	examples int              // that are resident at once
	features []backend.Region // of each input
	answers  []backend.Region // labels or targets of the outputs; none for a set without
	weights  backend.Region   // of the examples; none for a set without
	order    backend.Region
	clock    backend.Region
	identity []uint32 // the numbers of the examples, as they stand
}

// newFeed places a set on the device, to be taken in the order of the numbers.
func newFeed(dev backend.Backend, set *data.Set, numbers []uint32) (*feed, error) {
	f := &feed{dev: dev, set: set, examples: set.Len(), identity: numbers}
	err := f.allocate(len(numbers))
	if err == nil {
		err = f.upload(0, set)
	}
	if err == nil {
		err = f.rewind(f.identity)
	}
	return f.unless(err)
}

// newStreamFeed makes room on the device for two chunks of a stream.
func newStreamFeed(dev backend.Backend, m material, chunk int) (*feed, error) {
	f := &feed{dev: dev, set: m.set, stream: m.stream, examples: slots * chunk}
	return f.unless(f.allocate(chunk))
}

// unless gives everything back after an error.
func (f *feed) unless(err error) (*feed, error) {
	if err != nil {
		f.release()
		return nil, fmt.Errorf("data set of %d examples: %w", f.examples, err)
	}
	return f, nil
}

// allocate makes room for the examples and for an order of so many.
func (f *feed) allocate(positions int) (err error) {
	room := func(kind backend.Kind, n int) (r backend.Region) {
		var b backend.Buffer
		if err == nil {
			if b, err = f.dev.Alloc(kind, n); err == nil {
				r = backend.Whole(b)
			}
		}
		return r
	}
	for _, input := range f.set.AllInputs() {
		kind := backend.F32
		if input.Bytes != nil {
			kind = backend.U8
		}
		f.features = append(f.features, room(kind, f.examples*input.Size()))
	}
	f.allocateAnswers(room)
	f.order, f.clock = orderAndClock(room, positions)
	return err
}

// orderAndClock makes room for both in one buffer, so that kernels can bind them together.
func orderAndClock(room func(kind backend.Kind, n int) backend.Region, positions int) (order, clock backend.Region) {
	behind := backend.Aligned(backend.U32, positions)
	order = room(backend.U32, behind+1)
	clock = order
	order.Len, clock.Offset, clock.Len = positions, behind, 1
	return order, clock
}

// allocateAnswers makes room for the labels or targets of each output, and the weights.
func (f *feed) allocateAnswers(room func(kind backend.Kind, n int) backend.Region) {
	if !f.set.Answered() {
		return
	}
	for _, a := range f.set.AllAnswers(1 + len(f.set.Outputs)) {
		kind, n := backend.U32, 1
		if len(a.Targets) > 0 {
			kind, n = backend.F32, a.Size()
		}
		f.answers = append(f.answers, room(kind, f.examples*n))
	}
	if f.set.Weights != nil {
		f.weights = room(backend.F32, f.examples)
	}
}

func words(labels []int) []uint32 {
	list := make([]uint32, len(labels))
	for i, label := range labels {
		list[i] = uint32(label)
	}
	return list
}

// rewind begins another pass over the examples in the given order.
func (f *feed) rewind(order []uint32) error {
	if len(order) > f.order.Len {
		return fmt.Errorf("an order of %d examples, with room for %d", len(order), f.order.Len)
	}
	if err := backend.Upload(f.dev, backend.Region{Buffer: f.order.Buffer, Len: len(order)}, order); err != nil {
		return err
	}
	return backend.Upload(f.dev, f.clock, []uint32{0})
}

// forward goes to a step of the pass.
func (f *feed) forward(step int) error {
	if step == 0 {
		return nil
	}
	return backend.Upload(f.dev, f.clock, []uint32{uint32(step)})
}

// gather records the gathering of the examples of a pass's part of a step, and puts them into the batch.
func (p *pass) gather(r *graph.Recorder, b *batch) {
	for i, input := range p.set.AllInputs() {
		x := r.Temporary(append([]int{b.rows}, input.Shape...)...)
		p.pick(r, b, p.features[i], x, input.Multiplier())
		b.inputs = append(b.inputs, x)
	}
	for i, a := range p.set.AllAnswers(len(p.answers)) {
		if len(a.Targets) > 0 {
			t := r.Temporary(append([]int{b.rows}, a.Shape...)...)
			p.pick(r, b, p.answers[i], t, 1)
			b.answers = append(b.answers, t)
			continue
		}
		labels := r.Labels(b.rows)
		r.Append(ops.GatherLabels{Labels: p.answers[i], Order: p.order, Clock: p.clock, Y: labels.Value(),
			Examples: p.examples, Rows: b.rows, Stride: p.rows, First: b.first})
		b.answers = append(b.answers, labels)
	}
	if p.weights.Buffer != nil {
		b.weights = r.Temporary(b.rows)
		p.pick(r, b, p.weights, b.weights, 1)
	}
}

// pick records the gathering of one kind of thing that each example has.
func (p *pass) pick(r *graph.Recorder, b *batch, data backend.Region, to *graph.Tensor, scale float32) {
	r.Append(ops.Gather{Data: data, Order: p.order, Clock: p.clock, Y: to.Value(),
		Examples: p.examples, Rows: b.rows, Cols: to.Size() / b.rows, Stride: p.rows, First: b.first, Scale: scale})
}

// regions are all that the feed holds on the device, the clock in the buffer of the order; without a buffer where there is none.
func (f *feed) regions() []backend.Region {
	return slices.Concat(f.features, f.answers, []backend.Region{f.weights, f.order})
}

func (f *feed) release() {
	for _, r := range f.regions() {
		if r.Buffer != nil {
			r.Buffer.Release()
		}
	}
}
