package backendtest

import (
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

// Run checks a backend: every case of every operation against the oracle, and the rules of the contract. Several, which may be one with
// other options, are run beside each other, so that what a case should give is computed once.
func Run(t *testing.T, opens ...backend.Opener) {
	var devices []backend.Backend
	for _, open := range opens {
		dev, err := open()
		require.NoError(t, err)
		t.Logf("testing %v", dev.Info())
		devices = append(devices, dev)
	}
	t.Run("operations", func(t *testing.T) { RunOperations(t, math.MaxInt, devices...) })
	t.Run("contract", func(t *testing.T) { each(t, devices, RunContract) })
	for _, dev := range devices {
		require.NoError(t, dev.Close())
	}
	t.Run("closed", func(t *testing.T) {
		for _, open := range opens {
			closed(t, open)
		}
	})
}

// RunOperations runs the cases, whose operands have at most so many elements together, on devices.
func RunOperations(t *testing.T, most int, devices ...backend.Backend) {
	for i, c := range allCases() {
		if most == math.MaxInt || c.elements(t) <= most {
			c.test(t, uint64(i), devices)
		}
	}
}

// RunOperation runs the cases of one operation, by its name.
func RunOperation(t *testing.T, name string, devices ...backend.Backend) {
	named := func(o backend.Op) bool { return o.Name() == name }
	for i, c := range allCases() {
		if slices.ContainsFunc(c.Blank(t), named) {
			c.test(t, uint64(i), devices)
		}
	}
}

// test compares what devices compute with what the oracle does, on inputs by their number.
func (c Case) test(t *testing.T, number uint64, devices []backend.Backend) {
	t.Run(c.Name, func(t *testing.T) {
		tape := &tape{}
		want := c.run(tape.inputs(t, NewOracle(), number))
		each(t, devices, func(t *testing.T, dev backend.Backend) {
			got := c.run(tape.inputs(t, dev, number))
			c.compare(t, dev, got, want)
			if number%3 == 0 { // a third of the cases holds every operation
				again := c.run(tape.inputs(t, dev, number))
				sameBits(t, dev, got, again)
				release(again)
			}
			release(got)
		})
	})
}

// each runs a test on a device, or one by its name on each of several.
func each(t *testing.T, devices []backend.Backend, test func(*testing.T, backend.Backend)) {
	if len(devices) == 1 {
		test(t, devices[0])
		return
	}
	for _, dev := range devices {
		t.Run(dev.Info().Device, func(t *testing.T) { test(t, dev) })
	}
}

// elements counts the elements of all operands of a case.
func (c Case) elements(t testing.TB) int {
	n := 0
	for _, op := range c.Blank(t) {
		for _, o := range op.Operands() {
			n += o.Region.Buffer.Len()
		}
	}
	return n
}

// RunContract checks what holds of a device whatever the operations.
func RunContract(t *testing.T, dev backend.Backend) {
	for name, check := range map[string]func(*testing.T, backend.Backend){
		"memory is zero":           memoryIsZero,
		"transfers":                transfers,
		"transfers refused":        transfersRefused,
		"order of work":            orderOfWork,
		"compile refuses":          compileRefuses,
		"runs":                     runs,
		"use from many goroutines": manyGoroutines,
	} {
		t.Run(name, func(t *testing.T) { check(t, dev) })
	}
}

func memoryIsZero(t *testing.T, dev backend.Backend) {
	for range 3 { // the second time, memory that was used before
		for _, n := range []int{1, 5, 64, 1000, 100_003} {
			b, err := dev.Alloc(backend.F32, n)
			require.NoError(t, err)
			assert.Equal(t, backend.F32, b.Kind())
			assert.Equal(t, n, b.Len())
			assert.Equal(t, make([]float32, n), read[float32](t, dev, backend.Whole(b)))
			used := make([]float32, n)
			for i := range used {
				used[i] = float32(i + 1)
			}
			require.NoError(t, backend.Upload(dev, backend.Whole(b), used))
			b.Release()
		}
		b, err := dev.Alloc(backend.U8, 7)
		require.NoError(t, err)
		assert.Equal(t, make([]byte, 7), read[byte](t, dev, backend.Whole(b)))
		require.NoError(t, backend.Upload(dev, backend.Whole(b), []byte{1, 2, 3, 4, 5, 6, 7}))
		b.Release()
	}
	for _, n := range []int{0, -1} {
		_, err := dev.Alloc(backend.F32, n)
		assert.Error(t, err, "alloc of %d elements", n)
	}
	_, err := dev.Alloc(backend.F32, math.MaxInt)
	assert.ErrorIs(t, err, backend.ErrOutOfMemory)
}

func transfers(t *testing.T, dev backend.Backend) {
	in := NewInputs(t, dev, 1)
	floats := in.Of(1, 2, 3, 4, 5)
	part := backend.Region{Buffer: floats.Buffer, Offset: 1, Len: 3}
	require.NoError(t, backend.Upload(dev, part, []float32{7, 8, 9}))
	assert.Equal(t, []float32{1, 7, 8, 9, 5}, read[float32](t, dev, floats))
	assert.Equal(t, []float32{8, 9}, read[float32](t, dev, backend.Region{Buffer: floats.Buffer, Offset: 2, Len: 2}))
	bits := []float32{float32(math.NaN()), float32(math.Inf(-1)), math.MaxFloat32, 1e-45}
	back := read[float32](t, dev, in.Of(bits...))
	assert.True(t, math.IsNaN(float64(back[0])))
	assert.Equal(t, bits[1:], back[1:])
	assert.Equal(t, []uint32{0, math.MaxUint32, 77}, read[uint32](t, dev, in.Indices(0, math.MaxUint32, 77)))
	odd := in.Bytes(1003)
	values := read[byte](t, dev, odd)
	require.NoError(t, backend.Upload(dev, odd, values))
	assert.Equal(t, values, read[byte](t, dev, odd))
}

func transfersRefused(t *testing.T, dev backend.Backend) {
	in := NewInputs(t, dev, 1)
	r := in.Of(1, 2, 3)
	other, err := NewOracle().Alloc(backend.F32, 3)
	require.NoError(t, err)
	for name, region := range map[string]backend.Region{
		"no buffer":                {Len: 3},
		"past the end":             {Buffer: r.Buffer, Offset: 1, Len: 3},
		"before the beginning":     {Buffer: r.Buffer, Offset: -1, Len: 3},
		"another backend's buffer": {Buffer: other, Len: 3},
		"another length":           {Buffer: r.Buffer, Len: 2},
	} {
		assert.Error(t, dev.Write(region, make([]byte, 12)), "write: %s", name)
		assert.Error(t, dev.Read(make([]byte, 12), region), "read: %s", name)
	}
	assert.Equal(t, []float32{1, 2, 3}, read[float32](t, dev, r), "a refused transfer changed something")
}

// orderOfWork writes, runs, writes and runs again without waiting.
func orderOfWork(t *testing.T, dev backend.Backend) {
	in := NewInputs(t, dev, 1)
	x, y := in.Of(1, 2), in.Of(0, 0)
	p, err := dev.Compile([]backend.Op{ops.Accumulate{X: x, Y: y, N: 2}})
	require.NoError(t, err)
	defer p.Release()
	for _, v := range []float32{1, 10, 100} {
		require.NoError(t, backend.Upload(dev, x, []float32{v, 2 * v}))
		require.NoError(t, p.Run(2))
	}
	assert.Equal(t, []float32{222, 444}, read[float32](t, dev, y))
}

// impostor has the name of an operation that is another type's.
type impostor struct{ ops.Advance }

// unknown is an operation that no backend has.
type unknown struct{ y backend.Region }

func (unknown) Name() string { return "unknown_operation" }
func (unknown) Check() error { return nil }
func (o unknown) Operands() []backend.Operand {
	return []backend.Operand{{Name: "y", Region: o.y, Access: backend.Write}}
}
func (unknown) Cost() backend.Cost { return backend.Cost{} }

func compileRefuses(t *testing.T, dev backend.Backend) {
	in := NewInputs(t, dev, 1)
	x, y := in.Normal(200, 0, 1), in.Normal(200, 0, 1)
	other, err := NewOracle().Alloc(backend.F32, 200)
	require.NoError(t, err)
	part := func(r backend.Region, offset, n int) backend.Region {
		return backend.Region{Buffer: r.Buffer, Offset: offset, Len: n}
	}
	for name, row := range map[string]struct {
		op   backend.Op
		text string
	}{
		"an operation it lacks":    {unknown{y}, "unknown_operation"},
		"another type of its name": {impostor{ops.Advance{Clock: in.Indices(0)}}, "advance"},
		"a broken size rule":       {ops.Accumulate{X: x, Y: y, N: 199}, "accumulate: x has 200"},
		"a region past the end":    {ops.Accumulate{X: part(x, 64, 200), Y: y, N: 200}, "accumulate: x"},
		"a misaligned region":      {ops.Accumulate{X: part(x, 1, 64), Y: part(y, 0, 64), N: 64}, "not aligned"},
		"one buffer in two roles":  {ops.Accumulate{X: part(x, 0, 64), Y: part(x, 64, 64), N: 64}, "share a buffer"},
		"another backend's buffer": {ops.Accumulate{X: x, Y: backend.Whole(other), N: 200}, "accumulate: y"},
	} {
		_, err := dev.Compile([]backend.Op{ops.Accumulate{X: x, Y: y, N: 200}, row.op})
		if assert.Error(t, err, name) {
			assert.Contains(t, err.Error(), row.text, name)
		}
	}
	_, err = dev.Compile([]backend.Op{unknown{y}})
	assert.True(t, errors.Is(err, backend.ErrUnsupported), "%v", err)
}

func runs(t *testing.T, dev backend.Backend) {
	in := NewInputs(t, dev, 1)
	clock := in.Indices(0)
	p, err := dev.Compile([]backend.Op{ops.Advance{Clock: clock}})
	require.NoError(t, err)
	require.NoError(t, p.Run(0))
	require.NoError(t, p.Run(1))
	require.NoError(t, p.Run(2500))
	assert.Equal(t, []uint32{2501}, read[uint32](t, dev, clock))
	assert.Error(t, p.Run(-1))
	p.Release()
	assert.Error(t, p.Run(1), "run after release")
	p.Release() // twice is once
	empty, err := dev.Compile(nil)
	require.NoError(t, err, "an empty list")
	assert.NoError(t, empty.Run(3))
	empty.Release()
}

// sameBits holds that two runs of the same operations from the same inputs agree to the last bit.
func sameBits(t *testing.T, dev backend.Backend, first, second []backend.Op) {
	for i, op := range first {
		for j, o := range op.Operands() {
			if !o.Access.Writes() || passing(o.Region) || o.Region.Len > 1<<20 {
				continue
			}
			a, b := rawBits(t, dev, o.Region), rawBits(t, dev, second[i].Operands()[j].Region)
			assert.Equal(t, a, b, "%s: %s differs between two runs", op.Name(), o.Name)
		}
	}
}

func rawBits(t *testing.T, dev backend.Backend, r backend.Region) []byte {
	raw := make([]byte, r.Bytes())
	require.NoError(t, dev.Read(raw, r))
	return raw
}

func manyGoroutines(t *testing.T, dev backend.Backend) {
	for g := range 4 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			in := NewInputs(t, dev, uint64(g))
			x, y := in.Of(float32(g)), in.Of(0)
			p, err := dev.Compile([]backend.Op{ops.Accumulate{X: x, Y: y, N: 1}})
			require.NoError(t, err)
			for range 20 {
				require.NoError(t, p.Run(5))
			}
			assert.Equal(t, []float32{float32(100 * g)}, read[float32](t, dev, y))
			p.Release()
		})
	}
}

// closed checks that a closed device answers with errors.
func closed(t *testing.T, open backend.Opener) {
	dev, err := open()
	require.NoError(t, err)
	in := NewInputs(t, dev, 1)
	x, y := in.Of(1), in.Of(2)
	p, err := dev.Compile([]backend.Op{ops.Accumulate{X: x, Y: y, N: 1}})
	require.NoError(t, err)
	require.NoError(t, p.Run(1))
	require.NoError(t, dev.Close())
	assert.Error(t, p.Run(1), "run")
	assert.Error(t, dev.Write(x, make([]byte, 4)), "write")
	assert.Error(t, dev.Read(make([]byte, 4), y), "read")
	assert.Error(t, dev.Sync(), "sync")
	_, err = dev.Alloc(backend.F32, 1)
	assert.Error(t, err, "alloc")
	_, err = dev.Compile(nil)
	assert.Error(t, err, "compile")
	p.Release()
	x.Buffer.Release()
	assert.NoError(t, dev.Close(), "closing twice")
}
