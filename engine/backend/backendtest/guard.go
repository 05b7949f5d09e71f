package backendtest

import (
	"bytes"
	"fmt"
	"math"
	"reflect"

	"github.com/gradus-ml/gradus/engine/backend"
)

// guarded is an operation whose buffers have been copied to a device, each with a margin before and after it that nobody may touch.
type guarded struct {
	dev     backend.Backend
	op      backend.Op
	buffers map[backend.Buffer]backend.Buffer // of the operation that it was, and its own
	before  map[backend.Buffer][]byte         // what they held, margins included
}

// margin is how many elements of a kind keep regions aligned.
func margin(k backend.Kind) int { return backend.Alignment / k.Size() }

// guard copies an operation on the oracle to a device.
func (h *Hostile) guard(op backend.Op, dev backend.Backend) (*guarded, error) {
	g := &guarded{dev: dev, buffers: map[backend.Buffer]backend.Buffer{}, before: map[backend.Buffer][]byte{}}
	v := reflect.New(reflect.TypeOf(op)).Elem()
	v.Set(reflect.ValueOf(op))
	if err := h.move(g, v); err != nil {
		g.release()
		return nil, err
	}
	g.op = v.Interface().(backend.Op)
	return g, nil
}

// move replaces the regions in a struct.
func (h *Hostile) move(g *guarded, v reflect.Value) error {
	for i := range v.NumField() {
		f := v.Field(i)
		r, ok := f.Interface().(backend.Region)
		switch {
		case ok && r.Buffer != nil:
			b, err := h.copied(g, r.Buffer)
			if err != nil {
				return err
			}
			f.Set(reflect.ValueOf(backend.Region{Buffer: b, Offset: r.Offset + margin(r.Kind()), Len: r.Len}))
		case !ok && f.Kind() == reflect.Struct:
			if err := h.move(g, f); err != nil {
				return err
			}
		}
	}
	return nil
}

// copied returns the copy of a buffer of the oracle.
func (h *Hostile) copied(g *guarded, from backend.Buffer) (backend.Buffer, error) {
	if b, ok := g.buffers[from]; ok {
		return b, nil
	}
	edge := margin(from.Kind()) * from.Kind().Size()
	raw := bytes.Repeat([]byte{0x45}, 2*edge+from.Len()*from.Kind().Size())
	if err := h.oracle.Read(raw[edge:len(raw)-edge], backend.Whole(from)); err != nil {
		return nil, err
	}
	b, err := g.dev.Alloc(from.Kind(), from.Len()+2*margin(from.Kind()))
	if err != nil {
		return nil, err
	}
	g.buffers[from], g.before[b] = b, raw
	return b, g.dev.Write(backend.Whole(b), raw)
}

// run runs the operation once and holds that nothing has changed but what it writes.
func (g *guarded) run() error {
	p, err := g.dev.Compile([]backend.Op{g.op})
	if err != nil {
		return fmt.Errorf("refused: %w", err)
	}
	defer p.Release()
	if err := p.Run(1); err != nil {
		return err
	}
	for _, b := range g.buffers {
		after := make([]byte, len(g.before[b]))
		if err := g.dev.Read(after, backend.Whole(b)); err != nil {
			return err
		}
		if err := g.untouched(b, after); err != nil {
			return err
		}
	}
	return nil
}

// untouched holds that a buffer is as it was, but for the regions that the operation writes.
func (g *guarded) untouched(b backend.Buffer, after []byte) error {
	expected, size := bytes.Clone(g.before[b]), b.Kind().Size()
	for _, o := range g.op.Operands() {
		if o.Access.Writes() && o.Region.Buffer == b {
			from, to := o.Region.Offset*size, (o.Region.Offset+o.Region.Len)*size
			copy(expected[from:to], after[from:to])
		}
	}
	for i := range expected {
		if after[i] != expected[i] {
			return fmt.Errorf("element %d of a buffer of %d %v has changed, which is none of the operation's results",
				i/size-margin(b.Kind()), b.Len()-2*margin(b.Kind()), b.Kind())
		}
	}
	return nil
}

func (g *guarded) release() {
	for _, b := range g.buffers {
		b.Release()
	}
}

// moderate are the numbers whose results the oracle and a device agree on in spite of rounding and overflow.
const moderate = 1e4

// agree compares the results, coarsely, since what was changed may be badly conditioned: a wrong place or a forgotten element shows.
func agree(want, got *guarded) error {
	largest := 1.0
	var wants, gots [][]float32
	var names []string
	for i, o := range want.op.Operands() {
		if o.Region.Kind() != backend.F32 {
			continue
		}
		w, g := make([]float32, o.Region.Len), make([]float32, o.Region.Len)
		if err := backend.Download(want.dev, w, o.Region); err != nil {
			return err
		}
		if err := backend.Download(got.dev, g, got.op.Operands()[i].Region); err != nil {
			return err
		}
		largest = max(largest, extent(w))
		if o.Access.Writes() {
			wants, gots, names = append(wants, w), append(gots, g), append(names, o.Name)
		}
	}
	if !(largest <= moderate) {
		return nil
	}
	for k, w := range wants {
		for i := range w {
			if d := math.Abs(float64(w[i]) - float64(gots[k][i])); !(d <= 2e-3*largest) {
				return fmt.Errorf("%s[%d] = %v, want %v", names[k], i, gots[k][i], w[i])
			}
		}
	}
	return nil
}

// extent is the largest of the numbers without their signs; NaN or infinite if one of them is.
func extent(values []float32) float64 {
	largest := 0.0
	for _, v := range values {
		if a := math.Abs(float64(v)); !(a <= largest) {
			largest = a
		}
		if math.IsNaN(largest) {
			break
		}
	}
	return largest
}
