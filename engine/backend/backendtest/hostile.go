package backendtest

import (
	"fmt"
	"math"
	"reflect"
	"testing"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/random"
)

// hostile bounds what is run: operations of a small case, which a change may make larger.
const (
	smallCase   = 1 << 12 // elements of all operands of an operation to begin with
	largestCost = 1 << 24 // floating-point operations and bytes of one that is run
)

// A Hostile changes operations at random and runs what their rules let through on a device and on the oracle: both must take it, stay within
// its operands, and agree on what comes out.
type Hostile struct {
	oracle *Oracle
	dev    backend.Backend
	list   []backend.Op // of the small cases, on the oracle
}

// NewHostile prepares to try a device.
func NewHostile(t testing.TB, dev backend.Backend) *Hostile {
	h := &Hostile{oracle: NewOracle(), dev: dev}
	in := NewInputs(t, h.oracle, 1)
	for _, c := range allCases() {
		if c.elements(t) <= smallCase {
			h.list = append(h.list, c.Build(in)...)
		}
	}
	return h
}

// A Chooser picks numbers from 0 to n−1.
type Chooser interface{ IntN(n int) int }

// Bytes is a Chooser that reads its choices, and picks 0 at their end: what go test -fuzz changes.
type Bytes struct{ Left []byte }

// IntN implements Chooser.
func (b *Bytes) IntN(n int) int {
	if len(b.Left) == 0 {
		return 0
	}
	i := int(b.Left[0])
	b.Left = b.Left[1:]
	for limit := 256; limit < n && len(b.Left) > 0; limit *= 256 {
		i = i*256 + int(b.Left[0])
		b.Left = b.Left[1:]
	}
	return i % n
}

// RunHostile tries n operations, changed by a seed, and returns how many of them the rules let through.
func RunHostile(t testing.TB, open backend.Opener, seed uint64, n int) (ran int) {
	t.Helper()
	dev, err := open()
	if err != nil {
		t.Fatal(err)
	}
	defer dev.Close()
	h, s := NewHostile(t, dev), random.NewStream(seed, 1)
	for range n {
		if h.Try(t, s) {
			ran++
		}
	}
	return ran
}

// Try changes an operation and runs it, if the rules let it through. What is wrong fails the test.
func (h *Hostile) Try(t testing.TB, choose Chooser) (ran bool) {
	t.Helper()
	op := changed(choose, h.list[choose.IntN(len(h.list))])
	if backend.CheckOp(op) != nil {
		return false
	}
	switch cost := op.Cost(); {
	case cost.FLOPs < 0 || cost.Bytes < 0:
		t.Errorf("%s: %+v is accepted, but costs %+v", op.Name(), op, cost)
		return false
	case cost.FLOPs+cost.Bytes > largestCost:
		return false
	}
	defer func() {
		if p := recover(); p != nil {
			t.Fatalf("%s: %v: %v", op.Name(), describe(op), p)
		}
	}()
	if err := h.run(op); err != nil {
		t.Errorf("%s: accepted by the rules, but %v: %v", op.Name(), err, describe(op))
	}
	return true
}

// run runs the operation on the oracle and on the device, in guarded memory, and compares.
func (h *Hostile) run(op backend.Op) error {
	want, err := h.guard(op, h.oracle)
	if err != nil {
		return fmt.Errorf("the oracle: %w", err)
	}
	defer want.release()
	got, err := h.guard(op, h.dev)
	if err != nil {
		return fmt.Errorf("the device: %w", err)
	}
	defer got.release()
	for _, g := range []*guarded{want, got} {
		if err := g.run(); err != nil {
			return fmt.Errorf("%s: %w", g.dev.Info().Name, err)
		}
	}
	return agree(want, got)
}

// describe tells an operation's fields, with regions as offset and length.
func describe(op backend.Op) string {
	v, text := reflect.ValueOf(op), ""
	for i := range v.NumField() {
		if r, ok := v.Field(i).Interface().(backend.Region); ok {
			text += fmt.Sprintf(" %s [%d+%d]", v.Type().Field(i).Name, r.Offset, r.Len)
			continue
		}
		text += fmt.Sprintf(" %s %+v", v.Type().Field(i).Name, v.Field(i).Interface())
	}
	return text
}

// changed returns the operation with one or two fields changed.
func changed(s Chooser, op backend.Op) backend.Op {
	v := reflect.New(reflect.TypeOf(op)).Elem()
	v.Set(reflect.ValueOf(op))
	for range 1 + s.IntN(2) {
		changeField(s, v)
	}
	return v.Interface().(backend.Op)
}

func changeField(s Chooser, v reflect.Value) {
	f := v.Field(s.IntN(v.NumField()))
	if f.Type() == reflect.TypeFor[backend.Region]() {
		changeRegion(s, v, f)
		return
	}
	switch f.Kind() {
	case reflect.Struct:
		changeField(s, f)
	case reflect.Bool:
		f.SetBool(!f.Bool())
	case reflect.Int:
		n := int(f.Int())
		choices := []int{0, 1, -1, n - 1, n + 1, 2 * n, n / 2, 1 << 16, 1 << 30, 1<<30 + 1, 1 << 31, 1 << 32, 1 << 62, -1 << 62, math.MinInt}
		f.SetInt(int64(choices[s.IntN(len(choices))]))
	case reflect.Uint8:
		f.SetUint((f.Uint() + uint64(s.IntN(20))) % 256)
	case reflect.Float32, reflect.Float64:
		choices := []float64{0, -1, 1, 1e30, math.NaN(), math.Inf(1), math.Inf(-1), 2 * f.Float()}
		f.SetFloat(choices[s.IntN(len(choices))])
	}
}

// changeRegion moves a region, makes it longer or shorter, takes away its buffer, or puts another of the operation's regions there.
func changeRegion(s Chooser, v, f reflect.Value) {
	r := f.Interface().(backend.Region)
	switch s.IntN(6) {
	case 0:
		r = backend.Region{}
	case 1:
		r.Offset += 64 * (s.IntN(5) - 2)
	case 2:
		r.Len += s.IntN(5) - 2
	case 3:
		r.Offset = []int{-1, 1, 1 << 62, math.MaxInt, math.MinInt}[s.IntN(5)]
	case 4:
		r.Len = []int{-1, 0, 1 << 62, math.MaxInt, math.MinInt}[s.IntN(5)]
	case 5:
		other := v.Field(s.IntN(v.NumField()))
		if other.Type() == f.Type() {
			r = other.Interface().(backend.Region)
		}
	}
	f.Set(reflect.ValueOf(r))
}
