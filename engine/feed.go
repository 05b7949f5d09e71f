package engine

import (
	"fmt"

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
	labels   backend.Region   // none for a set without labels
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
	if len(set.Labels) > 0 {
		labels := make([]uint32, len(set.Labels))
		for i, label := range set.Labels {
			labels[i] = uint32(label)
		}
		if f.labels, err = backend.New(dev, labels); err != nil {
			return
		}
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

// rewind begins another pass over the examples in the given order.
func (f *feed) rewind(order []uint32) error {
	if err := backend.Upload(f.dev, f.order, order); err != nil {
		return err
	}
	return backend.Upload(f.dev, f.clock, []uint32{0})
}

// gather records the gathering of the examples of a pass's part of a step, and puts them into the batch: a tensor for each input.
// labels is nil for a set without.
func (p *pass) gather(r *graph.Recorder, b *batch) {
	f := p.feed
	for i, input := range f.set.AllInputs() {
		x := r.Temporary(append([]int{b.rows}, input.Shape...)...)
		r.Append(ops.Gather{Data: f.features[i], Order: f.order, Clock: f.clock, Y: x.Value(),
			Examples: f.set.Len(), Rows: b.rows, Cols: input.Size(), Stride: p.rows, First: b.first, Scale: input.Multiplier()})
		b.inputs = append(b.inputs, x)
	}
	if f.labels.Buffer == nil {
		return
	}
	b.labels = r.Labels(b.rows)
	r.Append(ops.GatherLabels{Labels: f.labels, Order: f.order, Clock: f.clock, Y: b.labels.Value(),
		Examples: f.set.Len(), Rows: b.rows, Stride: p.rows, First: b.first})
}

func (f *feed) release() {
	for _, r := range append(f.features, f.labels, f.order, f.clock) {
		if r.Buffer != nil {
			r.Buffer.Release()
		}
	}
}
