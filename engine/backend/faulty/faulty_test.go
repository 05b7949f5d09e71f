package faulty_test

import (
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/cpu"
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/backend/faulty"
	"github.com/gradus-ml/gradus/engine/ops"
)

// A device that is lost at the third run answers every later call with the error.
func ExampleWrap() {
	healthy, err := cpu.Open()
	if err != nil {
		panic(err)
	}
	dev := faulty.Wrap(healthy, faulty.Fault{Call: faulty.Run, After: 2, How: faulty.Lose})
	defer dev.Close()
	clock, _ := backend.New(dev, []uint32{0})
	p, _ := dev.Compile([]backend.Op{ops.Advance{Clock: clock}})
	for range 3 {
		fmt.Println(p.Run(1))
	}
	fmt.Println(dev.Sync())
	// Output:
	// <nil>
	// <nil>
	// run number 3: injected fault
	// run number 3: injected fault
}

// Without a fault it is a backend like any other.
func TestContract(t *testing.T) {
	dev := faulty.Wrap(backendtest.NewOracle())
	backendtest.RunContract(t, dev)
	backendtest.RunOperations(t, 1000, dev)
}

// made is a program of a bias and a clock, with what it writes.
func made(t *testing.T, dev backend.Backend) (p backend.Program, y, clock backend.Region) {
	in := backendtest.NewInputs(t, dev, 1)
	y, clock = in.Result(6), in.Indices(0)
	p, err := dev.Compile([]backend.Op{ops.Advance{Clock: clock}, ops.Bias{X: in.Of(1, 2, 3, 4, 5, 6), Bias: in.Of(1, 1, 1), Y: y, Rows: 2, Cols: 3}})
	require.NoError(t, err)
	return p, y, clock
}

// use makes each call twice and returns what each said.
func use(t *testing.T, dev *faulty.Device, p backend.Program, y backend.Region) (said []error) {
	for range 2 {
		b, err := dev.Alloc(backend.F32, 1)
		said = append(said, err, dev.Write(y, make([]byte, 24)), dev.Read(make([]byte, 24), y))
		again, compiled := dev.Compile(nil)
		said = append(said, compiled, p.Run(1), dev.Sync())
		if err == nil {
			b.Release()
		}
		if compiled == nil {
			again.Release()
		}
	}
	return said
}

func TestFailAndLose(t *testing.T) {
	own := errors.New("of mine")
	for i, call := range faulty.Calls() {
		for _, how := range []faulty.How{faulty.Fail, faulty.Lose} {
			for after := range 2 {
				dev := faulty.Wrap(backendtest.NewOracle())
				p, y, _ := made(t, dev)
				dev.Inject(faulty.Fault{Call: call, After: after, How: how, Err: own})
				for j, err := range use(t, dev, p, y) {
					struck := j == 6*after+i || how == faulty.Lose && j > 6*after+i
					assert.Equal(t, struck, err != nil, "%v after %d, how %v: call %d said %v", call, after, how, j, err)
					if struck {
						assert.ErrorIs(t, err, own)
					}
				}
				assert.Zero(t, dev.Pending())
				assert.Equal(t, 1, dev.Programs())
				p.Release()
				assert.Zero(t, dev.Programs())
				assert.NoError(t, dev.Close())
			}
		}
	}
}

func TestDrop(t *testing.T) {
	dev := faulty.Wrap(backendtest.NewOracle(), faulty.Fault{Call: faulty.Run, After: 1, How: faulty.Drop})
	p, _, clock := made(t, dev)
	for range 3 {
		require.NoError(t, p.Run(2))
	}
	got := make([]uint32, 1)
	require.NoError(t, backend.Download(dev, got, clock))
	assert.Equal(t, uint32(4), got[0])
	assert.Equal(t, 3, dev.Count(faulty.Run))
}

func TestSpoil(t *testing.T) {
	dev := faulty.Wrap(backendtest.NewOracle(), faulty.Fault{Call: faulty.Run, After: 1, How: faulty.Spoil, Operation: "bias"})
	other, err := dev.Compile(nil)
	require.NoError(t, err)
	require.NoError(t, other.Run(1), "has no bias, and does not count")
	p, y, _ := made(t, dev)
	for i := range 3 {
		require.NoError(t, p.Run(1))
		got := make([]float32, 6)
		require.NoError(t, backend.Download(dev, got, y))
		assert.Equal(t, i == 1, math.IsNaN(float64(got[0])), "run %d", i)
		assert.Equal(t, float32(7), got[5])
	}
}

func TestBound(t *testing.T) {
	dev := faulty.Wrap(backendtest.NewOracle())
	dev.Bound(20)
	_, err := dev.Alloc(backend.F32, 4)
	require.NoError(t, err)
	_, err = dev.Alloc(backend.F32, 2)
	assert.ErrorIs(t, err, backend.ErrOutOfMemory)
	assert.ErrorContains(t, err, "2 f32 take 8 bytes, and 4 are left")
	_, err = dev.Alloc(backend.U8, 4)
	assert.NoError(t, err)
}
