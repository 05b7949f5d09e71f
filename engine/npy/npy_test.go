package npy

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func load(path string) ([]int, []float32, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	return parse(b)
}

func parse(b []byte) ([]int, []float32, error) {
	r, err := NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, nil, err
	}
	values, err := r.ReadAll()
	return r.Shape(), values, err
}

// Files that NumPy wrote: testdata/write.py.
func TestNumPysFiles(t *testing.T) {
	counting, shifted := []float32{0, 1, 2, 3, 4, 5}, []float32{-2.5, -1.5, -0.5, 0.5, 1.5, 2.5}
	for name, want := range map[string][]float32{"f4": shifted, "f8": shifted, "f2": shifted, "big": shifted, "u1": counting, "i8": counting,
		"bool": {0, 1, 1, 1, 1, 1}, "fortran": counting, "version2": counting, "version3": counting} {
		shape, values, err := load("testdata/" + name + ".npy")
		require.NoError(t, err, name)
		assert.Equal(t, []int{2, 3}, shape, name)
		assert.Equal(t, want, values, name)
	}
	shape, values, err := load("testdata/scalar.npy")
	require.NoError(t, err)
	assert.Empty(t, shape)
	assert.Equal(t, []float32{7}, values)
	shape, values, err = load("testdata/empty.npy")
	require.NoError(t, err)
	assert.Equal(t, []int{0, 4}, shape)
	assert.Empty(t, values)
	_, _, err = load("testdata/objects.npy")
	assert.ErrorContains(t, err, `descr is '|O', want numbers of 1 to 8 bytes`)
	for _, name := range []string{"stored", "deflated"} {
		a, err := OpenArchive("testdata/" + name + ".npz")
		require.NoError(t, err)
		assert.Equal(t, []string{"dense/kernel", "dense/bias"}, a.Names())
		shape, values, err := a.ReadAll("dense/kernel")
		require.NoError(t, err)
		assert.Equal(t, []int{2, 3}, shape)
		assert.Equal(t, counting, values)
		_, _, err = a.ReadAll("x")
		assert.ErrorContains(t, err, name+`.npz: no array "x"`)
		require.NoError(t, a.Close())
	}
}

// NumPy reads what is written here.
func TestNumPyReadsOurs(t *testing.T) {
	const python = "/usr/bin/python3"
	if exec.Command(python, "-c", "import numpy").Run() != nil {
		t.Skip("NOT TESTED: files of ours in NumPy: no python3-numpy")
	}
	path := filepath.Join(t.TempDir(), "ours.npz")
	var b bytes.Buffer
	w := NewArchiveWriter(&b)
	require.NoError(t, w.Write("dense/kernel", []int{2, 3}, []float32{1, 2, 3, 4, 5, 6}))
	require.NoError(t, w.Write("scalar", nil, []float32{7}))
	require.NoError(t, w.Write("vector", []int{1}, []float32{8}))
	require.NoError(t, w.Close())
	require.NoError(t, os.WriteFile(path, b.Bytes(), 0o600))
	out, err := exec.Command(python, "-c", `
import sys, numpy
z = numpy.load(sys.argv[1])
print(z["dense/kernel"].tolist(), z["dense/kernel"].dtype, z["scalar"], z["scalar"].shape, z["vector"].shape)`, path).CombinedOutput()
	require.NoError(t, err, "%s", out)
	assert.Equal(t, "[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]] float32 7.0 () (1,)\n", string(out))
}

func sample(t testing.TB, shape []int, values ...float32) []byte {
	var b bytes.Buffer
	require.NoError(t, Write(&b, shape, values))
	return b.Bytes()
}

// file makes a file of a header and so many bytes of data.
func file(header string, data int) []byte {
	b := append([]byte(magic), 1, 0)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(header)))
	return append(append(b, header...), make([]byte, data)...)
}

func TestHostileFiles(t *testing.T) {
	dict := func(descr, order, shape string) []byte {
		return file(fmt.Sprintf("{'descr': %s, 'fortran_order': %s, 'shape': %s, }\n", descr, order, shape), 16)
	}
	big := append(append([]byte(magic), 2, 0), 255, 255, 255, 255)
	for text, b := range map[string][]byte{
		"the first 8 bytes: unexpected EOF":                    {},
		`the file begins with "PK\x03\x04zi"`:                  []byte("PK\x03\x04zip archive"),
		"version 9.0 of the format, want 1 to 3":               append([]byte(magic), 9, 0, 0),
		"the header has 4294967295 bytes, want at most 65536":  big,
		"the length of the header: unexpected EOF":             append([]byte(magic), 1, 0),
		`the header is "", want a dictionary`:                  file("", 0),
		`the header is "{", want`:                              file("{", 0),
		`the header is "{}", want`:                             file("{}", 0),
		"'descr': [('a', '<f4')]":                              dict("[('a', '<f4')]", "False", "(1,)"),
		"descr is '|O'":                                        dict("'|O'", "False", "(1,)"),
		"descr is '<c8'":                                       dict("'<c8'", "False", "(1,)"),
		`'fortran_order': 0`:                                   dict("'<f4'", "0", "(1,)"),
		`fortran_order is "(1,)" and shape "False"`:            dict("'<f4'", "(1,)", "False"),
		"'shape': (-1,)":                                       dict("'<f4'", "False", "(-1,)"),
		"shape is (4611686018427387904, 4), more bytes":        dict("'<f4'", "False", "(4611686018427387904, 4)"),
		"shape is (99999999999999999999,), more bytes":         dict("'<f4'", "False", "(99999999999999999999,)"),
		"65 axes, want at most 64":                             dict("'<f4'", "False", "("+strings.Repeat("1,", 65)+")"),
		"want a dictionary of":                                 file("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': ()}", 4),
		"__import__('os')":                                     dict("'<f4'", "False", "__import__('os')"),
		"the array ends 1000000000000 elements before its end": dict("'<f4'", "False", "(1000000000000,)"),
		"9007199254740992 is no float32":                       append(dict("'<i8'", "False", "(1,)")[:0:0], append(file("{'descr': '<i8', 'fortran_order': False, 'shape': (1,)}", 0), 1, 0, 0, 0, 0, 0, 32, 0)...),
	} {
		t.Run(text, func(t *testing.T) {
			_, _, err := parse(b)
			assert.ErrorContains(t, err, text)
		})
	}
	_, _, err := parse(append(file("{'descr': '<f8', 'fortran_order': False, 'shape': (1,)}", 0), binary.LittleEndian.AppendUint64(nil, math.Float64bits(1e300))...))
	assert.ErrorContains(t, err, "1.0000000000000001e+300 is no float32")
}

// However many elements a file says that it has, only those that are there take memory.
func TestHostileShapeTakesNoMemory(t *testing.T) {
	b := file("{'descr': '<f4', 'fortran_order': True, 'shape': (1000000, 1000000)}", 100)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, _, err := parse(b)
	assert.Error(t, err)
	runtime.ReadMemStats(&after)
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20))
}

func TestDamagedFiles(t *testing.T) {
	b := sample(t, []int{2, 3}, 1, 2, 3, 4, 5, 6)
	for n := range b {
		_, _, err := parse(b[:n:n])
		assert.Error(t, err, "cut off after %d", n)
	}
	for i := range b {
		for bit := range 8 {
			b[i] ^= 1 << bit
			shape, values, err := parse(b) // no check sum: all that is asked is that nothing goes wrong
			if err == nil {
				n := 1
				for _, d := range shape {
					n *= d
				}
				assert.Len(t, values, n)
			}
			b[i] ^= 1 << bit
		}
	}
	path := filepath.Join(t.TempDir(), "a.npz")
	var z bytes.Buffer
	w := NewArchiveWriter(&z)
	require.NoError(t, errors.Join(w.Write("a", []int{2}, []float32{1, 2}), w.Close()))
	raw, seen := z.Bytes(), 0
	open := func(b []byte) error {
		require.NoError(t, os.WriteFile(path, b, 0o600))
		a, err := OpenArchive(path)
		if err != nil {
			return err
		}
		defer a.Close()
		_, _, err = a.ReadAll("a")
		return err
	}
	require.NoError(t, open(raw))
	for n := range raw {
		assert.Error(t, open(raw[:n]), "cut off after %d", n)
	}
	data := bytes.Index(raw, []byte{0, 0, 128, 63})
	for i := range 8 {
		raw[data+i] ^= 4
		if open(raw) != nil {
			seen++
		}
		raw[data+i] ^= 4
	}
	assert.Equal(t, 8, seen, "the archive's check sum sees changed numbers")
}

func TestWritesRefused(t *testing.T) {
	assert.ErrorContains(t, Write(nil, []int{2}, []float32{1}), "1 values, want 2 for shape [2]")
	assert.ErrorContains(t, Write(nil, []int{-1}, nil), "shape is [-1], want axes of at least 0")
	for _, shape := range [][]int{{}, {1}, {3, 0}, {70, 300, 2}, {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}} {
		n := 1
		for _, d := range shape {
			n *= d
		}
		b := sample(t, shape, make([]float32, n)...)
		assert.Zero(t, (len(b)-4*n)%64)
		got, values, err := parse(b)
		require.NoError(t, err)
		assert.Len(t, got, len(shape))
		assert.Len(t, values, n)
	}
}

func FuzzRead(f *testing.F) {
	list, err := filepath.Glob("testdata/*.npy")
	require.NoError(f, err)
	for _, path := range list {
		b, err := os.ReadFile(path)
		require.NoError(f, err)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		shape, values, err := parse(b)
		if err != nil {
			return
		}
		n := 1
		for _, d := range shape {
			n *= d
		}
		if len(values) != n || n > len(b) {
			t.Fatalf("%d values of shape %v in %d bytes", len(values), shape, len(b))
		}
	})
}

func FuzzArchive(f *testing.F) {
	for _, name := range []string{"stored", "deflated"} {
		b, err := os.ReadFile("testdata/" + name + ".npz")
		require.NoError(f, err)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := NewArchive("fuzzed", bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		for _, name := range a.Names() {
			a.ReadAll(name)
		}
	})
}

func ExampleReader() {
	file, err := os.Open("testdata/fortran.npy")
	if err != nil {
		panic(err)
	}
	defer file.Close()
	r, err := NewReader(file)
	if err != nil {
		panic(err)
	}
	values, err := r.ReadAll()
	fmt.Println(r.Shape(), values, err)
	// Output: [2 3] [0 1 2 3 4 5] <nil>
}

func ExampleArchive() {
	a, err := OpenArchive("testdata/deflated.npz")
	if err != nil {
		panic(err)
	}
	defer a.Close()
	for _, name := range a.Names() {
		shape, values, err := a.ReadAll(name)
		fmt.Println(name, shape, values, err)
	}
	// Output:
	// dense/kernel [2 3] [0 1 2 3 4 5] <nil>
	// dense/bias [3] [1 2 3] <nil>
}
