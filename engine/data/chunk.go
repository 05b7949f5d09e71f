package data

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
)

// Chunks returns the examples of an epoch in sets of exactly size examples, but for the last. A chunk's memory is used again for the next. Parts
// that are not like sample, the first part, or hold what cannot be trained on, are refused by their number, and so is another number of examples than Len.
func (s *Stream) Chunks(ctx context.Context, epoch, size int, sample *Set) iter.Seq2[*Set, error] {
	return func(yield func(*Set, error) bool) {
		c := chunker{size: size, sample: sample, yield: yield}
		if err := c.run(s.Parts(ctx, epoch)); err != nil {
			yield(nil, err)
			return
		}
		switch {
		case c.stopped:
		case c.examples == 0:
			yield(nil, errors.New("data: stream: no examples"))
		case s.Len > 0 && c.examples != s.Len:
			yield(nil, fmt.Errorf("data: stream: %d examples, want %d, its Len", c.examples, s.Len))
		case c.chunk.Len() > 0:
			yield(c.chunk, nil)
		}
	}
}

// chunker puts parts together.
type chunker struct {
	size     int
	sample   *Set
	chunk    *Set
	examples int
	yield    func(*Set, error) bool
	stopped  bool
}

func (c *chunker) run(parts iter.Seq2[*Set, error]) (err error) {
	if c.chunk, err = c.sample.Select([]int{0}); err != nil {
		return err
	}
	c.chunk = c.chunk.emptied()
	number := 0
	for part, err := range parts {
		if err == nil {
			err = c.check(part)
		}
		if err == nil {
			err = c.take(part)
		}
		if err != nil {
			return fmt.Errorf("data: stream: part %d: %w", number, err)
		}
		if c.stopped {
			return nil
		}
		number++
	}
	return nil
}

func (c *chunker) check(part *Set) error {
	if part == nil {
		return errNilPart
	}
	check := part.Check
	if !part.Answered() {
		check = part.CheckExamples
	}
	if err := check(); err != nil {
		return err
	}
	return part.like(c.sample)
}

// take adds a part and gives away what is full.
func (c *chunker) take(part *Set) error {
	for from := 0; from < part.Len(); {
		if c.chunk.Len() == c.size { // only now: the last chunk is given when all is known to be well
			if c.stopped = !c.yield(c.chunk, nil); c.stopped {
				return nil
			}
			c.chunk = c.chunk.emptied()
		}
		to := min(part.Len(), from+c.size-c.chunk.Len())
		piece, err := part.Slice(from, to)
		if err != nil {
			return err
		}
		c.chunk.add(piece)
		c.examples += to - from
		from = to
	}
	return nil
}

// like refuses a set that is not like another, as parts of one stream are: shapes, kind and scale of every input, kind and shape of every
// answer, whether there are weights.
func (s *Set) like(t *Set) error {
	inputs, others := s.AllInputs(), t.AllInputs()
	if len(inputs) != len(others) || len(s.Outputs) != len(t.Outputs) {
		return fmt.Errorf("data: %d inputs and %d outputs, want %d and %d", len(inputs), 1+len(s.Outputs), len(others), 1+len(t.Outputs))
	}
	for i, f := range inputs {
		if err := f.like(others[i]); err != nil {
			return fmt.Errorf("data: input %d: %w", i, err)
		}
	}
	if (s.Weights == nil) != (t.Weights == nil) {
		return fmt.Errorf("data: weights in one part and none in another")
	}
	answers := t.AllAnswers(1 + len(t.Outputs))
	for i, a := range s.AllAnswers(1 + len(s.Outputs)) {
		if b := answers[i]; (len(a.Targets) > 0) != (len(b.Targets) > 0) || (len(a.Labels) > 0) != (len(b.Labels) > 0) || !slices.Equal(a.Shape, b.Shape) {
			return fmt.Errorf("data: answers of output %d are of another kind or shape", i)
		}
	}
	return nil
}

func (f *Features) like(g Features) error {
	switch {
	case !slices.Equal(f.Shape, g.Shape):
		return fmt.Errorf("examples are %v, want %v", f.Shape, g.Shape)
	case (f.Bytes == nil) != (g.Bytes == nil):
		return errors.New("bytes in one part and floats in another")
	case f.Multiplier() != g.Multiplier():
		return fmt.Errorf("scale is %v, want %v", f.Multiplier(), g.Multiplier())
	}
	return nil
}

// add adds the examples of a set that is like it, copied; Names stay.
func (s *Set) add(t *Set) {
	s.Bytes, s.Floats = append(s.Bytes, t.Bytes...), append(s.Floats, t.Floats...)
	for i := range s.Inputs {
		s.Inputs[i].Bytes = append(s.Inputs[i].Bytes, t.Inputs[i].Bytes...)
		s.Inputs[i].Floats = append(s.Inputs[i].Floats, t.Inputs[i].Floats...)
	}
	s.Labels, s.Targets = append(s.Labels, t.Labels...), append(s.Targets, t.Targets...)
	for i := range s.Outputs {
		s.Outputs[i].Labels = append(s.Outputs[i].Labels, t.Outputs[i].Labels...)
		s.Outputs[i].Targets = append(s.Outputs[i].Targets, t.Outputs[i].Targets...)
	}
	s.Weights = append(s.Weights, t.Weights...)
}

// emptied returns a set like s without examples that keeps its memory, for add.
func (s *Set) emptied() *Set {
	made := *s
	made.Bytes, made.Floats, made.Labels, made.Targets, made.Weights = s.Bytes[:0], s.Floats[:0], s.Labels[:0], s.Targets[:0], s.Weights[:0]
	made.Inputs, made.Outputs = slices.Clone(s.Inputs), slices.Clone(s.Outputs)
	for i, f := range s.Inputs {
		made.Inputs[i].Bytes, made.Inputs[i].Floats = f.Bytes[:0], f.Floats[:0]
	}
	for i, a := range s.Outputs {
		made.Outputs[i].Labels, made.Outputs[i].Targets = a.Labels[:0], a.Targets[:0]
	}
	return &made
}
