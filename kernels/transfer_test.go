package kernels

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

func newRegion(t testing.TB, d *device, values ...float32) backend.Region {
	t.Helper()
	r, err := backend.New(d, values)
	require.NoError(t, err)
	return r
}

func addOp(x, y backend.Region) []backend.Op {
	return []backend.Op{ops.Accumulate{X: x, Y: y, N: x.Len}}
}

func compileAdd(t testing.TB, d *device, x, y backend.Region) *program {
	t.Helper()
	p, err := d.Compile(addOp(x, y))
	require.NoError(t, err)
	return p.(*program)
}

// addOne compiles and runs y ← y + x, x being one device's and y another's.
func addOne(t *testing.T, d, other *device) error {
	x, y := newRegion(t, d, 1), newRegion(t, other, 2)
	p, err := d.Compile(addOp(x, y))
	if err != nil {
		return err
	}
	require.NoError(t, p.Run(3))
	assert.Equal(t, []float32{5}, download[float32](t, d, y))
	return nil
}

func download[T backend.Element](t testing.TB, d *device, r backend.Region) []T {
	t.Helper()
	values := make([]T, r.Len)
	require.NoError(t, backend.Download(d, values, r))
	return values
}

// TestBytes writes and reads every small part of a buffer of bytes, which begin and end within words.
func TestBytes(t *testing.T) {
	d := openTest(t)
	b, err := d.Alloc(backend.U8, 11)
	require.NoError(t, err)
	want := make([]byte, 11)
	for from := range 11 {
		for to := from + 1; to <= 11; to++ {
			part := backend.Region{Buffer: b, Offset: from, Len: to - from}
			values := make([]byte, to-from)
			for i := range values {
				values[i] = byte(16*from + to + i)
			}
			copy(want[from:], values)
			require.NoError(t, d.Write(part, values))
			assert.Equal(t, values, download[byte](t, d, part), "[%d, %d)", from, to)
			assert.Equal(t, want, download[byte](t, d, backend.Whole(b)), "around [%d, %d)", from, to)
		}
	}
}

// TestLargeTransfer moves more than one staging buffer holds.
func TestLargeTransfer(t *testing.T) {
	d := openTest(t)
	values := make([]uint32, 9<<20)
	for i := range values {
		values[i] = uint32(i) * 2654435761
	}
	r, err := backend.New(d, values)
	require.NoError(t, err)
	got := download[uint32](t, d, r)
	for i := range values {
		if got[i] != values[i] {
			t.Fatalf("element %d = %d, want %d", i, got[i], values[i])
		}
	}
	part := backend.Region{Buffer: r.Buffer, Offset: 4<<20 - 1, Len: 5}
	assert.Equal(t, values[4<<20-1:4<<20+4], download[uint32](t, d, part))
}
