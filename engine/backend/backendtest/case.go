package backendtest

import (
	"fmt"
	"math"
	"testing"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/random"
)

// A Case is an operation on given inputs.
type Case struct {
	Name string
	// Build allocates the operands on a device and returns the operations: one, as a rule.
	Build func(in *Inputs) []backend.Op
	// Terms is the longest chain of additions behind one element of a result; zero means 1.
	Terms int
	// Scale is the size of the terms that are added; zero means 1.
	Scale float64
	// Times is how often the operations run; zero means once.
	Times int
}

// one returns a Build for a single operation.
func one[T backend.Op](build func(in *Inputs) T) func(in *Inputs) []backend.Op {
	return func(in *Inputs) []backend.Op { return []backend.Op{build(in)} }
}

// Inputs allocates operands with values that are the same on every backend. A failure ends the test.
type Inputs struct {
	t      testing.TB
	dev    backend.Backend
	stream *random.Stream
	tape   *tape // nil where nothing is kept
}

// NewInputs returns inputs for a device; seed chooses the values.
func NewInputs(t testing.TB, dev backend.Backend, seed uint64) *Inputs {
	return &Inputs{t, dev, random.NewStream(seed, 0), nil}
}

// Of allocates the given values.
func (in *Inputs) Of(values ...float32) backend.Region { return upload(in, values) }

// Indices allocates the given numbers.
func (in *Inputs) Indices(values ...uint32) backend.Region { return upload(in, values) }

// Fill allocates n values of f(i).
func (in *Inputs) Fill(n int, f func(i int) float64) backend.Region {
	return upload(in, taped(in, n, func(i int) float32 { return float32(f(i)) }))
}

// Normal allocates n values from the normal distribution.
func (in *Inputs) Normal(n int, mean, deviation float64) backend.Region {
	return in.Fill(n, func(int) float64 { return mean + deviation*in.stream.Normal() })
}

// Positive allocates n values from the uniform distribution over [0.5, 1.5).
func (in *Inputs) Positive(n int) backend.Region {
	return in.Fill(n, func(int) float64 { return 0.5 + float64(in.stream.Float32()) })
}

// Below allocates n random integers below the limit.
func (in *Inputs) Below(n, limit int) backend.Region {
	return upload(in, taped(in, n, func(int) uint32 { return uint32(in.stream.IntN(limit)) }))
}

// Bytes allocates n random bytes.
func (in *Inputs) Bytes(n int) backend.Region {
	return upload(in, taped(in, n, func(int) byte { return byte(in.stream.Uint32()) }))
}

// garbage is what results hold before an operation overwrites them: far from any right value.
const garbage = -12345.5

// Result allocates n values for an operation to overwrite.
func (in *Inputs) Result(n int) backend.Region {
	return in.Fill(n, func(int) float64 { return garbage })
}

// Arena allocates one buffer for several results or inputs and returns their aligned regions, filled by f(region, i).
func (in *Inputs) Arena(sizes []int, f func(region, i int) float64) []backend.Region {
	total, regions := 0, make([]backend.Region, len(sizes))
	for i, n := range sizes {
		regions[i] = backend.Region{Offset: total, Len: n}
		total += backend.Aligned(backend.F32, n)
	}
	whole := in.Fill(total, func(int) float64 { return garbage })
	for i := range regions {
		regions[i].Buffer = whole.Buffer
		values := taped(in, sizes[i], func(j int) float32 { return float32(f(i, j)) })
		if err := backend.Upload(in.dev, regions[i], values); err != nil {
			in.t.Fatalf("upload: %v", err)
		}
	}
	return regions
}

func upload[T backend.Element](in *Inputs, values []T) backend.Region {
	in.t.Helper()
	r, err := backend.New(in.dev, values)
	if err != nil {
		in.t.Fatalf("allocating %d elements: %v", len(values), err)
	}
	return r
}

// run builds the case on the inputs' device, runs it, and returns its operations.
func (c Case) run(in *Inputs) []backend.Op {
	t, dev := in.t, in.dev
	t.Helper()
	list := c.Build(in)
	p, err := dev.Compile(list)
	if err != nil {
		t.Fatalf("compile: %v", err)
	}
	if err := p.Run(max(1, c.Times)); err != nil {
		t.Fatalf("run: %v", err)
	}
	if err := dev.Sync(); err != nil {
		t.Fatalf("sync: %v", err)
	}
	p.Release()
	return list
}

// release gives the operands' buffers back.
func release(list []backend.Op) {
	done := map[backend.Buffer]bool{}
	for _, op := range list {
		for _, o := range op.Operands() {
			if !done[o.Region.Buffer] {
				done[o.Region.Buffer] = true
				o.Region.Buffer.Release()
			}
		}
	}
}

// tolerance is what rounding to float32 may change in a sum of so many terms of about the scale:
// 4·ε·√terms·(1 + |want|), the 1 being in units of the scale.
func (c Case) tolerance(want float64) float64 {
	const epsilon = 0x1p-23
	scale := c.Scale
	if scale == 0 {
		scale = 1
	}
	return 4 * epsilon * math.Sqrt(float64(max(1, c.Terms))) * (scale + math.Abs(want))
}

// compare reads every operand that changes from both devices and reports the worst difference.
func (c Case) compare(t testing.TB, dev backend.Backend, got []backend.Op, want []backend.Op) {
	t.Helper()
	for i, op := range got {
		expected := want[i].Operands()
		for j, o := range op.Operands() {
			if !o.Access.Writes() || passing(o.Region) {
				continue
			}
			what := fmt.Sprintf("%s: %s", op.Name(), o.Name)
			if o.Region.Kind() == backend.F32 {
				c.compareFloats(t, what, read[float32](t, dev, o.Region), f64(expected[j].Region))
			} else {
				compareWords(t, what, read[uint32](t, dev, o.Region), u32(expected[j].Region))
			}
		}
	}
}

func read[T backend.Element](t testing.TB, dev backend.Backend, r backend.Region) []T {
	t.Helper()
	values := make([]T, r.Len)
	if err := backend.Download(dev, values, r); err != nil {
		t.Fatalf("download: %v", err)
	}
	return values
}

func (c Case) compareFloats(t testing.TB, what string, got []float32, want []float64) {
	t.Helper()
	wrong := 0
	for i, w := range want {
		g := float64(got[i])
		if same(g, w) || math.Abs(g-w) <= c.tolerance(w) {
			continue
		}
		if wrong++; wrong <= 3 {
			t.Errorf("%s[%d] = %v, want %v (off by %.3g, tolerance %.3g)", what, i, g, w, math.Abs(g-w), c.tolerance(w))
		}
	}
	if wrong > 3 {
		t.Errorf("%s: %d of %d elements are wrong", what, wrong, len(want))
	}
}

// same reports whether neither or both are NaN or the same infinity, once rounded to float32.
func same(got, want float64) bool {
	return math.IsNaN(got) && math.IsNaN(want) || got == float64(float32(want))
}

func compareWords(t testing.TB, what string, got, want []uint32) {
	t.Helper()
	for i, w := range want {
		if got[i] != w {
			t.Errorf("%s[%d] = %d, want %d", what, i, got[i], w)
			return
		}
	}
}
