package idx

import (
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// two is a valid file: two rows of three.
var two = []byte{0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6}

func zipped(t testing.TB, plain []byte) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := w.Write(plain)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.Bytes()
}

func TestRead(t *testing.T) {
	for name, file := range map[string][]byte{"plain": two, "gzip": zipped(t, two)} {
		a, err := Read(bytes.NewReader(file))
		require.NoError(t, err, name)
		assert.Equal(t, &Array{[]int{2, 3}, []byte{1, 2, 3, 4, 5, 6}}, a, name)
	}
}

func TestWriteReadsBack(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, (&Array{[]int{2, 3}, []byte{1, 2, 3, 4, 5, 6}}).Write(&b))
	assert.Equal(t, two, b.Bytes())
}

func TestMalformed(t *testing.T) {
	spoiled := zipped(t, two)
	spoiled[len(spoiled)-6] ^= 1 // in the checksum
	for _, row := range []struct {
		name string
		file []byte
		text string
	}{
		{"empty", nil, "0 bytes"},
		{"one byte", two[:1], "1 bytes"},
		{"half a header", two[:3], "reading the header"},
		{"half the axes", two[:9], "reading 2 axes"},
		{"not an IDX file", []byte("PNG, perhaps"), "not an IDX file"},
		{"floats", []byte{0, 0, 0x0D, 1, 0, 0, 0, 1, 0, 0, 0, 0}, "elements are floats"},
		{"unknown type", []byte{0, 0, 0x77, 1, 0, 0, 0, 1, 0}, "type code is 0x77"},
		{"no axes", []byte{0, 0, 8, 0, 1}, "no axes"},
		{"an axis of zero", []byte{0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 0}, "axis 1 is 0"},
		{"too large", []byte{0, 0, 8, 2, 255, 255, 255, 255, 255, 255, 255, 255}, "axis 0 is 4294967295"},
		{"an overflow", []byte{0, 0, 8, 3, 0, 255, 255, 255, 0, 255, 255, 255, 255, 255, 255, 255}, "axis 1"},
		{"large but not there", []byte{0, 0, 8, 1, 0x70, 0, 0, 0, 1, 2}, "ends after 2 of 1879048192"},
		{"truncated", two[:len(two)-1], "ends after 5 of 6 elements (shape [2 3])"},
		{"too long", append(bytes.Clone(two), 7), "more than 6 elements"},
		{"truncated gzip", zipped(t, two)[:20], "ends after 0 of 6"},
		{"half a gzip header", zipped(t, two)[:5], "gzip"},
		{"wrong checksum", spoiled, "checksum"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := Read(bytes.NewReader(row.file))
			require.Error(t, err)
			assert.Contains(t, err.Error(), row.text)
		})
	}
}

// A header that promises 2 GiB must not cost them.
func TestPromisesCostNothing(t *testing.T) {
	file := []byte{0, 0, 8, 1, 0x7f, 255, 255, 255, 1}
	spent := testing.Benchmark(func(b *testing.B) {
		for b.Loop() {
			_, err := Read(bytes.NewReader(file))
			require.Error(b, err)
		}
	}).AllocedBytesPerOp()
	assert.Less(t, spent, int64(1<<20))
}

func TestReadFileNamesTheFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "labels-idx1-ubyte")
	_, err := ReadFile(name)
	assert.ErrorIs(t, err, os.ErrNotExist)
	assert.ErrorContains(t, err, name)
	require.NoError(t, os.WriteFile(name, two[:15], 0o600))
	_, err = ReadFile(name)
	assert.ErrorContains(t, err, name)
	assert.ErrorContains(t, err, "ends after 3 of 6")
}

func FuzzRead(f *testing.F) {
	f.Add(two)
	f.Add(two[:7])
	f.Add(zipped(f, two))
	f.Add([]byte{0, 0, 8, 1, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, file []byte) {
		a, err := Read(bytes.NewReader(file))
		if err != nil {
			return
		}
		n := 1
		for _, d := range a.Shape {
			n *= d
		}
		assert.Len(t, a.Data, n)
	})
}
