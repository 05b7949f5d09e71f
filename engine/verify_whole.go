package engine

import (
	"errors"
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/graph"
)

// wholeStep is the part that checks of a step as it is trained belong to.
const wholeStep = "the whole step"

// kept is what a step hands on to the next, as it was on the reference before the step.
type kept map[backend.Buffer][]byte // by the device's buffer

// keep reads from the reference what the step begins with.
func (t twin) keep() (kept, error) {
	before := kept{}
	buffers, err := t.handedOn()
	for i := range buffers {
		raw := make([]byte, backend.Whole(buffers[i][0]).Bytes())
		err = errors.Join(err, t.trainers[0].dev.Read(raw, backend.Whole(buffers[i][0])))
		before[buffers[i][1]] = raw
	}
	return before, err
}

// handedOn lists the buffers that a step changes and the next one reads, on both devices.
func (t twin) handedOn() (pairs [][2]backend.Buffer, err error) {
	var lists [2][]backend.Buffer
	for i, tr := range t.trainers {
		clock, err := tr.store.Clock()
		if err != nil {
			return nil, err
		}
		lists[i] = append(append(tr.store.Buffers(), tr.slots...), clock.Buffer, tr.pass.clock.Buffer)
	}
	for i := range lists[0] {
		pairs = append(pairs, [2]backend.Buffer{lists[0][i], lists[1][i]})
	}
	return pairs, nil
}

// whole runs the step once more on the device, as it is trained there: compiled as one, with what the device fuses. It begins with what the
// reference began with and must end where the reference, which has made the step operation by operation, is.
func (t twin) whole(number int, steps [2]*graph.Step, before kept) ([]Check, error) {
	dev := t.trainers[1]
	for b, raw := range before {
		if err := dev.dev.Write(backend.Whole(b), raw); err != nil {
			return nil, err
		}
	}
	if err := steps[1].Run(1); err != nil {
		return nil, err
	}
	for _, op := range steps[1].Ops() {
		for _, o := range op.Operands() {
			if o.Access.Writes() {
				t.behind[o.Region.Buffer] = true
			}
		}
	}
	return t.outcome(number, chain(steps[0].Ops()), before)
}

// chain is how far rounding may take what a step ends with from the exact, relative to its size: the sum of what it may in each operation.
func chain(list []backend.Op) float64 {
	sum := 0.0
	for _, op := range list {
		n := 0
		for _, o := range op.Operands() {
			if o.Access.Writes() && o.Region.Kind() == backend.F32 {
				n = max(n, o.Region.Len)
			}
		}
		if n > 0 {
			sum += rounding(op, n)
		}
	}
	return sum
}

// outcome compares the variables, their gradients, what the optimizer keeps for them, and the loss and metrics.
func (t twin) outcome(number int, share float64, before kept) (checks []Check, err error) {
	a, b := t.trainers[0], t.trainers[1]
	check := func(tensor string, left, right backend.Region, least float64, moved func(i int) float64) {
		c, failed := t.apartBy([2]backend.Region{left, right}, share, least, moved)
		c.Step, c.Part, c.Operation, c.Tensor = number, wholeStep, "step", tensor
		checks, err = append(checks, c), errors.Join(err, failed)
	}
	_, grads, _ := a.store.Arenas()
	steepest, err := t.extentOf(grads)
	for i, v := range a.store.Variables() {
		w := b.store.Variables()[i]
		if !v.Trainable {
			check(v.Name, a.store.Value(v), b.store.Value(w), 0, nil)
			continue
		}
		moved, failed := t.moved(i, before, share*steepest)
		err = errors.Join(err, failed)
		check("gradient of "+v.Name, a.store.Grad(v), b.store.Grad(w), steepest, nil)
		check(v.Name, a.store.Value(v), b.store.Value(w), 0, moved)
		for slot := range a.slots {
			check(fmt.Sprintf("optimizer's %d of %s", slot, v.Name), a.inSlot(slot, v), b.inSlot(slot, w), steepest, nil)
		}
	}
	if width := a.pass.parts() * a.pass.columns; width > 0 {
		row := func(tr *trainer) backend.Region {
			return backend.Region{Buffer: tr.pass.ledger.Buffer, Offset: number * width, Len: width}
		}
		check("loss and metrics", row(a), row(b), 0, nil)
	}
	return checks, err
}

// moved returns how much an element of a variable may differ because its gradient does, by at most doubt: Adam and its like move one by the
// rate whatever the size of its gradient, so that a gradient of nothing but rounding moves it either way.
func (t twin) moved(number int, before kept, doubt float64) (func(i int) float64, error) {
	var v [2]*graph.Variable
	var now [2][]float32
	var err error
	for i, tr := range t.trainers {
		v[i] = tr.store.Variables()[number]
		var failed error
		now[i], failed = tr.store.Read(v[i])
		err = errors.Join(err, failed)
	}
	place := t.trainers[1].store.Value(v[1])
	raw := make([]byte, t.trainers[0].store.Grad(v[0]).Bytes())
	err = errors.Join(err, t.trainers[0].dev.Read(raw, t.trainers[0].store.Grad(v[0])))
	old, g := floats(before[place.Buffer])[place.Offset:], floats(raw)
	return func(i int) float64 {
		furthest := math.Max(apart(now[0][i], old[i]), apart(now[1][i], old[i]))
		return furthest * math.Min(2, doubt/math.Abs(float64(g[i])))
	}, err
}

func (t twin) extentOf(r backend.Region) (float64, error) {
	if r.Buffer == nil {
		return 0, nil
	}
	raw := make([]byte, r.Bytes())
	err := t.trainers[0].dev.Read(raw, r)
	return extent(floats(raw)), err
}

// apartBy compares a region of the reference with one of the device. The bound is a share of the largest number, or of another that is larger. What
// moved explains of an element does not count.
func (t twin) apartBy(r [2]backend.Region, share, least float64, moved func(i int) float64) (c Check, err error) {
	want, got := make([]byte, r[0].Bytes()), make([]byte, r[1].Bytes())
	if err := errors.Join(t.trainers[0].dev.Read(want, r[0]), t.trainers[1].dev.Read(got, r[1])); err != nil {
		return c, err
	}
	a, b := floats(want), floats(got)
	c.Scale = math.Max(extent(a), least)
	c.Bound = share * c.Scale
	for i := range a {
		d := apart(a[i], b[i])
		if moved != nil {
			d = max(0, d-moved(i))
		}
		c.Error = max(c.Error, d)
	}
	return c, nil
}
