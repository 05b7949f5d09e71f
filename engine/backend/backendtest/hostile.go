package backendtest

import (
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

// RunHostile changes fields of the operations of the small cases at random, n times, and runs what its rules let
// through: it must be taken by the device and stay within its buffers. It returns how many of them ran.
func RunHostile(t testing.TB, open backend.Opener, seed uint64, n int) (ran int) {
	t.Helper()
	dev, err := open()
	if err != nil {
		t.Fatal(err)
	}
	defer dev.Close()
	list := smallOperations(NewInputs(t, dev, 1))
	s := random.NewStream(seed, 1)
	for range n {
		op := changed(s, list[s.IntN(len(list))])
		if backend.CheckOp(op) != nil {
			continue
		}
		switch cost := op.Cost(); {
		case cost.FLOPs < 0 || cost.Bytes < 0:
			t.Errorf("%s: %+v is accepted, but costs %+v", op.Name(), op, cost)
			continue
		case cost.FLOPs+cost.Bytes > largestCost:
			continue
		}
		runOnce(t, dev, op)
		ran++
	}
	if err := dev.Sync(); err != nil {
		t.Fatal(err)
	}
	return ran
}

// runOnce compiles and runs an operation that the rules have let through.
func runOnce(t testing.TB, dev backend.Backend, op backend.Op) {
	t.Helper()
	defer func() {
		if p := recover(); p != nil {
			t.Fatalf("%s: %+v: %v", op.Name(), op, p)
		}
	}()
	p, err := dev.Compile([]backend.Op{op})
	if err != nil {
		t.Fatalf("%s: %+v: accepted by the rules, refused by the device: %v", op.Name(), op, err)
	}
	if err := p.Run(1); err != nil {
		t.Fatalf("%s: %+v: %v", op.Name(), op, err)
	}
	p.Release()
}

// smallOperations are those of the small cases, with operands on the device.
func smallOperations(in *Inputs) []backend.Op {
	var list []backend.Op
	for _, c := range allCases() {
		if c.elements(in.t) <= smallCase {
			list = append(list, c.Build(in)...)
		}
	}
	return list
}

// changed returns the operation with one or two fields changed.
func changed(s *random.Stream, op backend.Op) backend.Op {
	v := reflect.New(reflect.TypeOf(op)).Elem()
	v.Set(reflect.ValueOf(op))
	for range 1 + s.IntN(2) {
		changeField(s, v)
	}
	return v.Interface().(backend.Op)
}

func changeField(s *random.Stream, v reflect.Value) {
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
func changeRegion(s *random.Stream, v, f reflect.Value) {
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
