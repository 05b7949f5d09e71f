package graph

import (
	"slices"

	"github.com/gradus-ml/gradus/engine/backend"
)

// A Step is a compiled recording.
type Step struct {
	program backend.Program
	list    []backend.Op
	parts   []string // what each belongs to
	buffers []backend.Buffer
}

// Compile drops the operations whose results nobody reads and compiles the others.
// After an error everything that was recorded is given back.
func (r *Recorder) Compile() (*Step, error) { return Compile(r) }

// Compile makes one step of recordings, each of which was made by Then of the one before.
func Compile(parts ...*Recorder) (*Step, error) {
	s := &Step{}
	var err error
	for _, r := range parts {
		s.buffers = append(s.buffers, r.buffers...)
		for _, e := range r.kept() {
			s.list, s.parts = append(s.list, e.op), append(s.parts, e.part)
		}
		r.markTransient()
		r.buffers, err = nil, r.err
	}
	if err == nil {
		s.program, err = parts[0].dev.Compile(s.list)
	}
	if err != nil {
		s.Release()
		return nil, err
	}
	return s, nil
}

// markTransient tells the device which buffers nobody reads after a run: those that the recorder made and nobody keeps.
func (r *Recorder) markTransient() {
	for b := range r.own {
		if t, ok := b.(backend.Transient); ok {
			t.MarkTransient()
		}
	}
}

// Release gives the buffers of a recording back that was not compiled.
func (r *Recorder) Release() {
	(&Step{buffers: r.buffers}).Release()
	r.buffers = nil
}

// Ops returns the recorded operations that matter: those that write to a buffer from outside the recording, or to
// one that a later such operation reads. After a mistake there are none.
func (r *Recorder) Ops() []backend.Op {
	var list []backend.Op
	for _, e := range r.kept() {
		list = append(list, e.op)
	}
	return list
}

// Parts returns what each of Ops belongs to: see Part.
func (r *Recorder) Parts() []string {
	var list []string
	for _, e := range r.kept() {
		list = append(list, e.part)
	}
	return list
}

func (r *Recorder) kept() []entry {
	if r.err != nil {
		return nil
	}
	wanted := map[backend.Buffer]bool{}
	var kept []entry
	for _, e := range slices.Backward(r.list) {
		operands := e.op.Operands()
		if !slices.ContainsFunc(operands, func(o backend.Operand) bool {
			return o.Access.Writes() && (!r.own[o.Region.Buffer] || wanted[o.Region.Buffer])
		}) {
			continue
		}
		kept = append(kept, e)
		for _, o := range operands {
			wanted[o.Region.Buffer] = wanted[o.Region.Buffer] || o.Access.Reads()
		}
	}
	slices.Reverse(kept)
	return kept
}

// Run enqueues the step the given number of times; see backend.Program.
func (s *Step) Run(times int) error { return s.program.Run(times) }

// Ops lists the operations of the step, in their order. The caller must not change it.
func (s *Step) Ops() []backend.Op { return s.list }

// Part returns what operation number i belongs to: see Recorder.Part.
func (s *Step) Part(i int) string { return s.parts[i] }

// Release gives back the program and its buffers.
func (s *Step) Release() {
	if s.program != nil {
		s.program.Release()
	}
	for _, b := range s.buffers {
		b.Release()
	}
	s.program, s.buffers = nil, nil
}
