package engine

import (
	"fmt"
	"slices"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/graph"
	"github.com/gradus-ml/gradus/engine/ops"
)

// tracer finds the operation from which a number that is not finite came. It keeps, on the device, a copy of everything that a
// step hands on to the next, as it was before the last stretch of steps, and makes the steps again from there.
type tracer struct {
	*trainer
	first     int // the step that comes next after the copy
	state     []backend.Buffer
	copies    []backend.Buffer
	keep      backend.Program
	bringBack backend.Program
	clock     []uint32 // of random numbers
}

// tracing reports whether a callback asks for a tracer.
func (list callbacks) tracing() bool {
	for _, c := range list {
		if _, ok := c.(interface{ traces() }); ok {
			return true
		}
	}
	return false
}

// newTracer allocates the copies. The steps must have been compiled: only then is it known whether they draw random numbers.
func (t *trainer) newTracer() (_ *tracer, err error) {
	tr := &tracer{trainer: t, state: append(t.store.Buffers(), t.slots...)}
	var keep, bringBack []backend.Op
	for _, b := range tr.state {
		c, err := t.dev.Alloc(b.Kind(), b.Len())
		if err != nil {
			tr.release()
			return nil, err
		}
		tr.copies = append(tr.copies, c)
		there := ops.Activation{X: backend.Whole(b), Y: backend.Whole(c), N: b.Len(), Function: ops.Identity}
		back := there
		back.X, back.Y = there.Y, there.X
		keep, bringBack = append(keep, there), append(bringBack, back)
	}
	if tr.keep, err = t.dev.Compile(keep); err == nil {
		tr.bringBack, err = t.dev.Compile(bringBack)
	}
	if err != nil {
		tr.release()
		return nil, err
	}
	t.pass.begin = tr.begin
	return tr, nil
}

// begin keeps the state before a stretch of steps.
func (tr *tracer) begin(step int) error {
	tr.first = step
	clock, err := tr.store.Clock()
	if err != nil {
		return err
	}
	tr.clock = make([]uint32, 1)
	if err := backend.Download(tr.dev, tr.clock, clock); err != nil {
		return err
	}
	return tr.keep.Run(1)
}

// goTo brings everything to where it was before a step of the stretch.
func (tr *tracer) goTo(step int) error {
	clock, err := tr.store.Clock()
	if err != nil {
		return err
	}
	if err := tr.bringBack.Run(1); err != nil {
		return err
	}
	if err := backend.Upload(tr.dev, clock, tr.clock); err != nil {
		return err
	}
	if err := backend.Upload(tr.dev, tr.pass.clock, []uint32{uint32(tr.first)}); err != nil {
		return err
	}
	if step > tr.first {
		_, err = tr.pass.stretch(tr.first, step-tr.first)
	}
	return err
}

// origin says where the number that made the loss of a step other than finite came from.
func (tr *tracer) origin(step int) (string, error) {
	if tr == nil { // the callback is called by another, unknown to Fit
		return "of unknown origin", nil
	}
	step -= tr.pass.base
	from := max(tr.first, step-1) // its own update may have spoiled what the step began with
	if err := tr.goTo(from); err != nil {
		return "", err
	}
	found, err := tr.spoiled()
	for s := from; err == nil && found == "" && s <= step; s++ {
		found, err = tr.walk(s)
	}
	if err == nil && found == "" {
		found = "its origin is not to be seen in single operations"
	}
	if err == nil {
		err = tr.goTo(from)
	}
	return found, err
}

// spoiled names a variable that is not finite before the step.
func (tr *tracer) spoiled() (string, error) {
	for _, v := range tr.store.Variables() {
		values, err := tr.store.Read(v)
		if err != nil {
			return "", err
		}
		if i, bad := spoilt(values); bad {
			return fmt.Sprintf("%s[%d] was %v before the step", v.Name, i, values[i]), nil
		}
	}
	return "", nil
}

// walk makes a step one operation at a time, up to the first whose result is not finite, and describes that.
func (tr *tracer) walk(number int) (string, error) {
	step := tr.pass.full
	if tr.pass.examplesOf(number) < tr.pass.rows {
		step = tr.pass.tail
	}
	for i, op := range step.Ops() {
		found, err := tr.try(step, i)
		if err != nil {
			return "", fmt.Errorf("%s: %w", op.Name(), err)
		}
		if found != "" {
			return fmt.Sprintf("first from %s of %s in step %d: %s", op.Name(), step.Part(i), number+tr.pass.base, found), nil
		}
	}
	return "", nil
}

// try runs one operation and describes a result that is not finite.
func (tr *tracer) try(step *graph.Step, i int) (string, error) {
	op := step.Ops()[i]
	before, err := tr.results(op, backend.ReadWrite)
	if err != nil {
		return "", err
	}
	p, err := tr.dev.Compile([]backend.Op{op})
	if err != nil {
		return "", err
	}
	defer p.Release()
	if err := p.Run(1); err != nil {
		return "", err
	}
	after, err := tr.results(op, backend.Write, backend.ReadWrite)
	if err != nil {
		return "", err
	}
	for _, o := range op.Operands() {
		if _, was := spoilt(before[o.Name]); was {
			continue // the ledger still has the losses that were found
		}
		if j, bad := spoilt(after[o.Name]); bad {
			return fmt.Sprintf("%s[%d] is %v", o.Name, j, after[o.Name][j]), nil
		}
	}
	return "", nil
}

// results reads the floats that an operation accesses in one of the ways, by the names of its operands.
func (tr *tracer) results(op backend.Op, ways ...backend.Access) (map[string][]float32, error) {
	values := map[string][]float32{}
	for _, o := range op.Operands() {
		if !slices.Contains(ways, o.Access) || o.Region.Kind() != backend.F32 {
			continue
		}
		values[o.Name] = make([]float32, o.Region.Len)
		if err := backend.Download(tr.dev, values[o.Name], o.Region); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// spoilt returns the place of the first number that is NaN or infinite.
func spoilt(values []float32) (at int, bad bool) {
	for i, v := range values {
		if v-v != 0 {
			return i, true
		}
	}
	return 0, false
}

func (tr *tracer) release() {
	for _, p := range []backend.Program{tr.keep, tr.bringBack} {
		if p != nil {
			p.Release()
		}
	}
	for _, b := range tr.copies {
		b.Release()
	}
}
