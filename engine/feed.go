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
	set      *data.Set
	features []backend.Region // of each input
	answers  []backend.Region // labels or targets of the outputs; none for a set without
	weights  backend.Region   // of the examples; none for a set without
	order    backend.Region
	clock    backend.Region
	identity []uint32 // the numbers of the examples, as they stand
}

func newFeed(dev backend.Backend, set *data.Set, numbers []uint32) (f *feed, err error) {
	f = &feed{dev: dev, set: set, identity: numbers}
	defer func() {
		if err != nil {
			f.release()
			f, err = nil, fmt.Errorf("data set of %d examples: %w", set.Len(), err)
		}
	}()
	for _, input := range set.AllInputs() {
		var features backend.Region
		if features, err = uploadFeatures(dev, input); err != nil {
			return
		}
		f.features = append(f.features, features)
	}
	if err = f.uploadAnswers(); err != nil {
		return
	}
	if f.order, err = backend.New(dev, f.identity); err != nil {
		return
	}
	f.clock, err = backend.New(dev, []uint32{0})
	return
}

func uploadFeatures(dev backend.Backend, input data.Features) (backend.Region, error) {
	if input.Bytes != nil {
		return backend.New(dev, input.Bytes)
	}
	return backend.New(dev, input.Floats)
}

// uploadAnswers uploads the labels or targets of each output, and the weights.
func (f *feed) uploadAnswers() (err error) {
	if !f.set.Answered() {
		return nil
	}
	for _, a := range f.set.AllAnswers(1 + len(f.set.Outputs)) {
		var region backend.Region
		if len(a.Targets) > 0 {
			region, err = backend.New(f.dev, a.Targets)
		} else {
			region, err = backend.New(f.dev, words(a.Labels))
		}
		if err != nil {
			return err
		}
		f.answers = append(f.answers, region)
	}
	if f.set.Weights != nil {
		f.weights, err = backend.New(f.dev, f.set.Weights)
	}
	return err
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
	if err := backend.Upload(f.dev, f.order, order); err != nil {
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
			Examples: p.set.Len(), Rows: b.rows, Stride: p.rows, First: b.first})
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
		Examples: p.set.Len(), Rows: b.rows, Cols: to.Size() / b.rows, Stride: p.rows, First: b.first, Scale: scale})
}

func (f *feed) release() {
	for _, r := range slices.Concat(f.features, f.answers, []backend.Region{f.weights, f.order, f.clock}) {
		if r.Buffer != nil {
			r.Buffer.Release()
		}
	}
}
