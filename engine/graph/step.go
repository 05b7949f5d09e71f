package graph

import (
	"slices"

	"github.com/gradus-ml/gradus/engine/backend"
)

// A Step is a compiled recording.
type Step struct {
	program backend.Program
	list    []backend.Op
	buffers []backend.Buffer
}

// Compile drops the operations whose results nobody reads and compiles the others.
// After an error everything that was recorded is given back.
func (r *Recorder) Compile() (*Step, error) {
	s := &Step{buffers: r.buffers}
	r.buffers = nil
	if r.err != nil {
		s.Release()
		return nil, r.err
	}
	s.list = r.Ops()
	r.markTransient()
	program, err := r.dev.Compile(s.list)
	if err != nil {
		s.Release()
		return nil, err
	}
	s.program = program
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
	if r.err != nil {
		return nil
	}
	wanted := map[backend.Buffer]bool{}
	var kept []backend.Op
	for _, op := range slices.Backward(r.list) {
		operands := op.Operands()
		if !slices.ContainsFunc(operands, func(o backend.Operand) bool {
			return o.Access.Writes() && (!r.own[o.Region.Buffer] || wanted[o.Region.Buffer])
		}) {
			continue
		}
		kept = append(kept, op)
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
