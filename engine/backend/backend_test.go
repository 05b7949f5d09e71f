package backend_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/backendtest"
)

func noGPU() (backend.Backend, error) { return nil, errors.New("no GPU here") }

// A program names the backends that it wants, the best first.
func ExampleFirstOf() {
	dev, err := backend.FirstOf(noGPU, backendtest.OpenOracle) // kernels.Open, cpu.Open
	if err != nil {
		fmt.Println(err)
		return
	}
	defer dev.Close()
	for _, refused := range dev.Refused {
		fmt.Println("not used:", refused)
	}
	fmt.Println("using", dev.Info())
	// Output:
	// not used: no GPU here
	// using oracle: float64 (go, software)
}

func TestFirstOf(t *testing.T) {
	_, err := backend.FirstOf()
	assert.ErrorContains(t, err, "at least one backend")
	_, err = backend.FirstOf(noGPU, func() (backend.Backend, error) { return nil, errors.New("nor a CPU") })
	assert.ErrorContains(t, err, "no GPU here")
	assert.ErrorContains(t, err, "nor a CPU")
	dev, err := backend.FirstOf(backendtest.OpenOracle, noGPU)
	require.NoError(t, err)
	assert.Empty(t, dev.Refused)
	assert.NoError(t, dev.Close())
}

func TestRegions(t *testing.T) {
	dev := backendtest.NewOracle()
	b, err := dev.Alloc(backend.F32, 100)
	require.NoError(t, err)
	other, err := dev.Alloc(backend.F32, 100)
	require.NoError(t, err)
	part := func(offset, n int) backend.Region { return backend.Region{Buffer: b, Offset: offset, Len: n} }
	assert.NoError(t, backend.Whole(b).Valid())
	assert.Equal(t, int64(400), backend.Whole(b).Bytes())
	for _, r := range []backend.Region{{}, part(-1, 5), part(0, 0), part(0, 101), part(96, 5), part(1<<62, 1<<62)} {
		assert.Error(t, r.Valid(), "%+v", r)
	}
	assert.True(t, part(0, 10).Overlaps(part(9, 1)))
	assert.False(t, part(0, 10).Overlaps(part(10, 1)))
	assert.False(t, part(0, 10).Overlaps(backend.Region{Buffer: other, Len: 10}))
	assert.Equal(t, []int{0, 64, 64, 128, 256}, []int{backend.Aligned(backend.F32, 0), backend.Aligned(backend.F32, 1),
		backend.Aligned(backend.U32, 64), backend.Aligned(backend.F32, 65), backend.Aligned(backend.U8, 1)})
}

func TestTransfer(t *testing.T) {
	dev := backendtest.NewOracle()
	r, err := backend.New(dev, []uint32{1, 2, 3})
	require.NoError(t, err)
	assert.Error(t, backend.Upload(dev, r, []uint32{1, 2}), "too few")
	assert.Error(t, backend.Upload(dev, r, []float32{1, 2, 3}), "another kind")
	assert.Error(t, backend.Download(dev, make([]uint8, 12), r), "another kind of the same size")
	got := make([]uint32, 3)
	require.NoError(t, backend.Download(dev, got, r))
	assert.Equal(t, []uint32{1, 2, 3}, got)
	_, err = backend.New(dev, []float32{})
	assert.Error(t, err, "nothing")
}

// TestKinds holds the names and sizes that messages and layouts depend on.
func TestKinds(t *testing.T) {
	assert.Equal(t, "f32 u32 u8 Kind(9)", fmt.Sprint(backend.F32, backend.U32, backend.U8, backend.Kind(9)))
	assert.Equal(t, []int{4, 4, 1}, []int{backend.F32.Size(), backend.U32.Size(), backend.U8.Size()})
	assert.Equal(t, []backend.Kind{backend.F32, backend.U32, backend.U8},
		[]backend.Kind{backend.KindOf[float32](), backend.KindOf[uint32](), backend.KindOf[uint8]()})
}
