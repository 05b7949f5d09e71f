package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/data"
	"github.com/gradus-ml/gradus/engine/graph"
	"github.com/gradus-ml/gradus/engine/ops"
)

// pass goes over a data set, step by step: full batches, then one smaller batch with what remains. A step takes its examples at once, or
// in parts. The values of each part are summed over its examples on the device and kept in the ledger, one row a step.
type pass struct {
	*feed
	rows     int  // of a full step
	part     int  // of them that are taken at once
	rest     int  // examples of the last, smaller step; zero for none
	steps    int  // of the resident examples
	capacity int  // steps that the ledger has room for
	most     int  // steps of a stretch; zero for no limit
	stops    int  // a stretch ends where the steps of the epoch are a multiple of it; zero for nowhere
	drop     bool // leave the rest out
	base     int  // steps before those of the resident examples
	before   int  // examples before them
	columns  int  // values tallied
	pace     pacer
	full     *graph.Step
	tail     *graph.Step
	tailRows int // examples of the tail that is compiled
	ledger   backend.Region
	// begin is told of each stretch of steps, by the number of its first, before it is run.
	begin func(step int) error
	// recorder and record are kept for a tail whose size is not known yet.
	recorder func() *graph.Recorder
	record   recording
}

// batch is what a step, or a part of it, works on.
type batch struct {
	inputs  []*graph.Tensor
	answers []*graph.Tensor // labels or targets of the outputs; none for a set without
	weights *graph.Tensor   // of the examples; nil for a set without
	first   int             // number in the step of the first example
	rows    int             // examples
	step    int             // examples of the whole step
}

// begins and ends report whether the batch is the first part of its step, and the last.
func (b batch) begins() bool { return b.first == 0 }
func (b batch) ends() bool   { return b.first+b.rows == b.step }

// answer returns what an output should be: its own answers, or the first's.
func (b batch) answer(output int) *graph.Tensor {
	if output < len(b.answers) {
		return b.answers[output]
	}
	return b.answers[0]
}

// recording records what a step does with its examples and returns what to tally.
type recording func(r *graph.Recorder, b batch) []tallied

// newPass makes a pass over the material. Its steps are compiled by compile, so that record can refer to the pass.
func newPass(dev backend.Backend, m material, rows int, dropRemainder bool) (*pass, error) {
	if m.stream == nil {
		return newPassOver(dev, m.set, m.set.Numbers(1), rows, dropRemainder)
	}
	f, err := newStreamFeed(dev, m, m.chunk(rows))
	if err != nil {
		return nil, err
	}
	return f.pass(m.chunk(rows), rows, dropRemainder), nil
}

// newPassOver uploads the set, to be gone over in the order of the numbers.
func newPassOver(dev backend.Backend, set *data.Set, numbers []uint32, rows int, dropRemainder bool) (*pass, error) {
	f, err := newFeed(dev, set, numbers)
	if err != nil {
		return nil, err
	}
	return f.pass(len(numbers), rows, dropRemainder), nil
}

// pass returns a pass over n resident examples at once.
func (f *feed) pass(n, rows int, dropRemainder bool) *pass {
	p := &pass{feed: f, rows: rows, part: rows, drop: dropRemainder, pace: pacer{next: 1}, begin: func(int) error { return nil }}
	p.lay(n)
	p.capacity = p.steps
	return p
}

// lay says that n examples are resident.
func (p *pass) lay(n int) {
	p.steps, p.rest = n/p.rows, n%p.rows
	if p.drop {
		p.rest = 0
	}
	if p.rest > 0 {
		p.steps++
	}
}

// compile records and compiles the steps.
func (p *pass) compile(store *graph.Store, mode graph.Mode, columns int, record recording) (err error) {
	p.columns, p.record, p.recorder = columns, record, func() *graph.Recorder { return graph.NewRecorder(store, mode) }
	ledger, err := p.dev.Alloc(backend.F32, max(1, p.capacity*p.parts()*columns))
	if err != nil {
		return err
	}
	p.ledger = backend.Whole(ledger)
	if p.full, err = p.step(p.recorder(), p.rows, record); err == nil {
		err = p.compileTail()
	}
	return err
}

// compileTail compiles the last, smaller step, if there is one and it is not compiled yet.
func (p *pass) compileTail() (err error) {
	if p.rest == 0 || p.tail != nil && p.tailRows == p.rest {
		return nil
	}
	if p.tail != nil {
		p.tail.Release()
	}
	p.tail, err = p.step(p.recorder(), p.rest, p.record)
	p.tailRows = p.rest
	return err
}

// parts returns in how many parts a full step takes its examples: so many times the columns has a row of the ledger.
func (p *pass) parts() int { return p.rows / p.part }

// step records the parts of a step and compiles them.
func (p *pass) step(r *graph.Recorder, rows int, record recording) (*graph.Step, error) {
	parts := []*graph.Recorder{r}
	for first := 0; ; first += p.part {
		b := batch{first: first, rows: min(p.part, rows-first), step: rows}
		p.gather(r, &b)
		column := first / p.part * p.columns
		for _, v := range record(r, b) {
			r.Append(ops.Tally{X: v.values.Value(), Ledger: p.ledger, Clock: p.clock, N: v.values.Size() / v.width, Width: v.width,
				Steps: p.capacity, Columns: p.parts() * p.columns, Column: column})
			column += v.width
		}
		if b.ends() {
			break
		}
		r = r.Then()
		parts = append(parts, r)
	}
	r.Append(ops.Advance{Clock: p.clock})
	return graph.Compile(parts...)
}

// examplesIn returns how many examples the first n steps take.
func (p *pass) examplesIn(n int) int {
	if n == p.steps && p.rest > 0 {
		return (n-1)*p.rows + p.rest
	}
	return n * p.rows
}

// examplesOf returns how many examples a step takes.
func (p *pass) examplesOf(step int) int {
	if step == p.steps-1 && p.rest > 0 {
		return p.rest
	}
	return p.rows
}

// run goes over the resident examples once in the given order, without the first steps, which are done, and reports, after each stretch of steps,
// how many are done and the rows of the ledger that it has filled. It ends early, between steps, when the context does or report fails.
func (p *pass) run(ctx context.Context, order []uint32, done int, report func(done int, rows []float64) error) (int, error) {
	if err := errors.Join(p.rewind(order), p.forward(done)); err != nil {
		return done, &deviceError{err}
	}
	for done < p.steps {
		if err := ctx.Err(); err != nil {
			return done, err
		}
		start, n := time.Now(), min(p.pace.next, p.steps-done)
		if p.most > 0 {
			n = min(n, p.most)
		}
		if p.stops > 0 {
			n = min(n, p.stops-(p.base+done)%p.stops)
		}
		if err := p.begin(done); err != nil {
			return done, err
		}
		rows, err := p.stretch(done, n)
		if err != nil {
			return done, &deviceError{fmt.Errorf("steps %d to %d of %d: %w", done+1, done+n, p.steps, err)}
		}
		done += n
		p.pace.took(n, time.Since(start))
		if err := report(done, rows); err != nil {
			return done, err
		}
	}
	return done, nil
}

// stretch runs n steps from step number done on and returns their rows of the ledger.
func (p *pass) stretch(done, n int) ([]float64, error) {
	full := n
	if done+n == p.steps && p.rest > 0 {
		full--
	}
	if full > 0 {
		if err := p.full.Run(full); err != nil {
			return nil, err
		}
	}
	if full < n {
		if err := p.tail.Run(1); err != nil {
			return nil, err
		}
	}
	width := p.parts() * p.columns
	if width == 0 {
		return nil, p.counted(done, n)
	}
	raw := make([]float32, n*width)
	err := backend.Download(p.dev, raw, backend.Region{Buffer: p.ledger.Buffer, Offset: done * width, Len: len(raw)})
	if err == nil {
		err = p.counted(done, n)
	}
	return p.sums(done, raw), err
}

// counted holds that the device has made the n steps from step number done on: a driver may give up on work without a word.
func (p *pass) counted(done, n int) error {
	clock := make([]uint32, 1)
	if err := backend.Download(p.dev, clock, p.clock); err != nil {
		return err
	}
	if made := int(clock[0]) - done; made != n {
		return fmt.Errorf("%s made %d of %d steps, and did not say so", p.dev.Info().Device, made, n)
	}
	return nil
}

// sums adds up the parts of each step from step number done on.
func (p *pass) sums(done int, raw []float32) []float64 {
	if p.columns == 0 {
		return nil
	}
	rows := make([]float64, len(raw)/p.parts())
	for i := range rows {
		step, column := i/p.columns, i%p.columns
		for part := range ceil(p.examplesOf(done+step), p.part) { // a smaller step has fewer parts
			rows[i] += float64(raw[(step*p.parts()+part)*p.columns+column])
		}
	}
	return rows
}

func ceil(a, b int) int { return (a + b - 1) / b }

func (p *pass) release() {
	for _, s := range []*graph.Step{p.full, p.tail} {
		if s != nil {
			s.Release()
		}
	}
	if p.ledger.Buffer != nil {
		p.ledger.Buffer.Release()
	}
	p.feed.release()
}

// pacer chooses how many steps to run before looking at the clock, the context and the ledger.
type pacer struct{ next int }

// stretchTime is how long a stretch of steps should take: short enough for a lively progress bar and Ctrl-C,
// long enough that waiting for the device at its end costs nothing.
const stretchTime = 100 * time.Millisecond

// took adapts the number to what n steps took, at most doubling it.
func (p *pacer) took(n int, took time.Duration) {
	fit := int(float64(n) * float64(stretchTime) / float64(max(took, time.Microsecond)))
	p.next = max(1, min(fit, 2*n))
}
