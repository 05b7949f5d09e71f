package kernels

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend"
)

func TestSizeClass(t *testing.T) {
	for _, row := range []struct{ bytes, limit, want int64 }{
		{1, 1 << 30, 256}, {256, 1 << 30, 256}, {257, 1 << 30, 512}, {4096, 1 << 30, 4096}, {4097, 1 << 30, 4608},
		{1 << 20, 1 << 30, 1 << 20}, {1<<20 + 1, 1 << 30, 1<<20 + 1<<17}, {1000_000, 1 << 30, 1000_000/65536*65536 + 65536}, {999, 1000, 1000},
	} {
		got := sizeClass(row.bytes, row.limit)
		assert.Equal(t, row.want, got, "%d bytes, at most %d", row.bytes, row.limit)
		assert.GreaterOrEqual(t, got, row.bytes)
	}
}

// TestRecycle holds that memory is lent out again, zeroed, and not made anew.
func TestRecycle(t *testing.T) {
	d := openTest(t)
	ones := make([]float32, 1000)
	for i := range ones {
		ones[i] = 1
	}
	made := 0
	for range 5 {
		r, err := backend.New(d, ones)
		require.NoError(t, err)
		r.Buffer.Release()
		r.Buffer.Release() // twice is once
		b, err := d.Alloc(backend.U32, 990)
		require.NoError(t, err)
		got := make([]uint32, 990)
		require.NoError(t, backend.Download(d, got, backend.Whole(b)))
		assert.Equal(t, make([]uint32, 990), got)
		b.Release()
		if made == 0 {
			made = d.gpu.made.buffers
		}
		assert.Equal(t, made, d.gpu.made.buffers)
	}
}

func TestAllocRefuses(t *testing.T) {
	d := openTest(t)
	limit := int(d.Info().Limits.BufferBytes)
	_, err := d.Alloc(backend.F32, limit/4+1)
	require.ErrorContains(t, err, "kernels: alloc")
	assert.ErrorIs(t, err, backend.ErrOutOfMemory)
	assert.ErrorContains(t, err, "a buffer of "+d.Info().Device+" holds at most")
	_, err = d.Alloc(backend.F32, math.MaxInt)
	assert.Error(t, err)
	_, err = d.Alloc(backend.Kind(9), 1)
	assert.ErrorContains(t, err, "Kind(9)")
	assert.NoError(t, d.Sync(), "the device is usable after a refusal")
}

// TestReleased holds that a buffer that was given back is refused.
func TestReleased(t *testing.T) {
	d := openTest(t)
	x, y := newRegion(t, d, 1), newRegion(t, d, 2)
	p := compileAdd(t, d, x, y)
	x.Buffer.Release()
	assert.ErrorContains(t, p.Run(1), "is released")
	assert.ErrorContains(t, d.Write(x, make([]byte, 4)), "is released")
	_, err := d.Compile(addOp(x, y))
	assert.ErrorContains(t, err, "accumulate: x: the buffer is released")
}
