package engine

import (
	"context"
	"fmt"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/data"
)

// slots is how many chunks of a stream are on the device: one is worked on while the other is filled.
const slots = 2

// supply fills the slots of a feed with the chunks of an epoch, in a goroutine of its own.
type supply struct {
	feed  *feed
	chunk int // examples of a slot
	ready chan resident
	free  chan int
	end   context.CancelFunc
	ended chan struct{}
}

// resident is a chunk on the device, or what went wrong.
type resident struct {
	slot, n int
	err     error
}

// supply begins to fill the slots with the examples of an epoch.
func (f *feed) supply(ctx context.Context, epoch int) *supply {
	ctx, end := context.WithCancel(ctx)
	s := &supply{feed: f, chunk: f.examples / slots, ready: make(chan resident, slots), free: make(chan int, slots), end: end, ended: make(chan struct{})}
	for slot := range slots {
		s.free <- slot
	}
	go s.fill(ctx, epoch)
	return s
}

// fill ends when the examples do, after an error, or with the context.
func (s *supply) fill(ctx context.Context, epoch int) {
	defer close(s.ended)
	defer close(s.ready)
	defer func() { // in a goroutine of ours a panic of Parts could not be caught by those who wrote it
		if r := recover(); r != nil {
			s.ready <- resident{err: fmt.Errorf("data: stream: panic: %v", r)}
		}
	}()
	for chunk, err := range s.feed.stream.Chunks(ctx, epoch, s.chunk, s.feed.set) {
		slot := 0
		if err == nil {
			if slot, err = s.place(ctx, chunk); ctx.Err() != nil {
				return
			}
		}
		if err != nil {
			s.ready <- resident{err: err}
			return
		}
		s.ready <- resident{slot: slot, n: chunk.Len()}
	}
}

// place uploads a chunk to the next slot that is free.
func (s *supply) place(ctx context.Context, chunk *data.Set) (slot int, err error) {
	select {
	case slot = <-s.free:
		if err = s.feed.upload(slot*s.chunk, chunk); err != nil {
			err = &deviceError{err}
		}
		return slot, err
	case <-ctx.Done():
		return 0, ctx.Err()
	}
}

// next waits for a chunk; there is none after the last.
func (s *supply) next(ctx context.Context) (c resident, ok bool, err error) {
	select {
	case c, ok = <-s.ready:
		return c, ok, c.err
	case <-ctx.Done():
		return c, false, ctx.Err()
	}
}

// stop waits until the goroutine has ended.
func (s *supply) stop() {
	s.end()
	<-s.ended
}

// upload writes examples to where the number-th and the following of the feed are.
func (f *feed) upload(number int, set *data.Set) error {
	for i, input := range set.AllInputs() {
		if err := put(f.dev, f.features[i], number*input.Size(), input.Bytes, input.Floats); err != nil {
			return err
		}
	}
	for i, a := range set.AllAnswers(len(f.answers)) {
		region := f.answers[i]
		if len(a.Targets) > 0 {
			if err := put(f.dev, region, number*a.Size(), nil, a.Targets); err != nil {
				return err
			}
			continue
		}
		list := words(a.Labels)
		if err := backend.Upload(f.dev, backend.Region{Buffer: region.Buffer, Offset: number, Len: len(list)}, list); err != nil {
			return err
		}
	}
	if f.weights.Buffer == nil {
		return nil
	}
	return put(f.dev, f.weights, number, nil, set.Weights)
}

// put writes bytes, or floats if there are none, to a part of a region.
func put(dev backend.Backend, to backend.Region, offset int, bytes []uint8, floats []float32) error {
	to.Offset, to.Len = to.Offset+offset, len(bytes)+len(floats)
	if bytes != nil {
		return backend.Upload(dev, to, bytes)
	}
	return backend.Upload(dev, to, floats)
}
