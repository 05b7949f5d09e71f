package data

import (
	"context"
	"errors"
	"fmt"
	"iter"
)

// A Source is where Fit, Evaluate and Predict take examples from: a *Set, in memory, or a *Stream.
type Source interface{ source() }

func (*Set) source()    {}
func (*Stream) source() {}

// A Stream is examples that are made or read while they are used: those of a set that is larger than memory, say. There are at most three
// times Buffer of them in memory, one on the host and two on the device, and the part under way.
type Stream struct {
	// Parts returns the examples of an epoch, from 0, some at a time: sets of any number of examples that are alike in everything else.
	// Most streams give the same in every epoch. An error ends the training. A part is copied before the next is asked for. It is
	// ranged over in a goroutine of its own, and once more for the first part alone, when a call begins; the context ends when no more is wanted.
	Parts func(ctx context.Context, epoch int) iter.Seq2[*Set, error]
	// Buffer is how many examples are on the device at once, of which there is a second lot while the first is trained on. They are shuffled
	// among themselves, and those before and after are not. It is rounded down to a multiple of the batch size; zero means as many as take 32 MiB.
	Buffer int
	// Len is how many examples an epoch has, for the progress bar; zero if that is not known. Another number is an error.
	Len int
}

var errNilPart = errors.New("a nil set")

// FirstPart returns the first part of epoch 0.
func (s *Stream) FirstPart(ctx context.Context) (*Set, error) {
	if s.Parts == nil {
		return nil, errors.New("data: stream: Parts is missing")
	}
	if s.Buffer < 0 || s.Len < 0 {
		return nil, fmt.Errorf("data: stream: Buffer is %d and Len %d, want at least 0", s.Buffer, s.Len)
	}
	ctx, end := context.WithCancel(ctx)
	defer end()
	for part, err := range s.Parts(ctx, 0) {
		if err == nil && part == nil {
			err = errNilPart
		}
		if err != nil {
			return nil, fmt.Errorf("data: stream: part 0: %w", err)
		}
		return part, nil
	}
	return nil, errors.New("data: stream: no examples")
}

// Stream returns a stream of the examples of the set, in parts of so many.
func (s *Set) Stream(part int) *Stream {
	return &Stream{Len: s.Len(), Parts: func(context.Context, int) iter.Seq2[*Set, error] {
		return func(yield func(*Set, error) bool) {
			for from := 0; from < s.Len(); from += max(part, 1) {
				if !yield(s.Slice(from, min(from+max(part, 1), s.Len()))) {
					return
				}
			}
		}
	}}
}

// Map returns a stream of what f makes of each part.
func (s *Stream) Map(f func(*Set) (*Set, error)) *Stream {
	mapped := *s
	mapped.Parts = func(ctx context.Context, epoch int) iter.Seq2[*Set, error] {
		return func(yield func(*Set, error) bool) {
			for part, err := range s.Parts(ctx, epoch) {
				if err == nil && part == nil {
					err = errNilPart
				}
				if err == nil {
					part, err = f(part)
				}
				if !yield(part, err) {
					return
				}
			}
		}
	}
	return &mapped
}
