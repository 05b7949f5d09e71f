package safetensors

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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

// A file that NumPy and json alone have written, by the published format.
func TestForeignFile(t *testing.T) {
	f, err := Open("testdata/foreign.safetensors")
	require.NoError(t, err)
	defer f.Close()
	assert.Equal(t, map[string]string{"format": "np", "text": "ü\n\""}, f.Metadata())
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	for name, want := range map[string][]float32{
		"half":                {1, -2.5, 0x1p-14, 0x1p-24, 65504, inf, -inf, nan, float32(math.Copysign(0, -1))},
		"dense/kernel":        {1.5, -2.25, 3e38, 1e-45, inf, nan},
		"brain":               {1.5, -2.25, math.Float32frombits(0x7f610000), 0, inf, nan},
		"scalar":              {7},
		"empty":               {},
		"umlaut ü \"quoted\"": {8},
	} {
		got, err := f.Float32s(name)
		require.NoError(t, err, name)
		require.Len(t, got, len(want), name)
		for i := range want {
			if want[i] != want[i] {
				assert.True(t, got[i] != got[i], "%s[%d] is %v", name, i, got[i])
				continue
			}
			assert.Equal(t, math.Float32bits(want[i]), math.Float32bits(got[i]), "%s[%d]", name, i)
		}
	}
	exact := make([]float64, 3)
	require.NoError(t, f.ReadFloat64("double", exact))
	assert.Equal(t, []float64{1.0 / 3, -1e300, 5e-324}, exact)
	_, err = f.Float32s("double")
	assert.EqualError(t, err, `safetensors: testdata/foreign.safetensors: tensor "double": element 1 is -1e+300, want at most 3.4028234663852886e+38, the largest float32`)
	_, err = f.Float32s("whole")
	assert.ErrorContains(t, err, `tensor "whole": dtype is I64, want F16, BF16, F32 or F64`)
	assert.ErrorContains(t, f.Read("scalar", make([]float32, 2)), `tensor "scalar": shape is [], 1 elements, want 2`)
	_, err = f.Float32s("none")
	assert.ErrorContains(t, err, `no tensor "none"`)
	kernel, _ := f.Tensor("dense/kernel")
	assert.Equal(t, []int{2, 3}, kernel.Shape)
	found, err := f.Verify()
	assert.NoError(t, err)
	assert.False(t, found)
}

// sample is a small file of this package's Writer.
func sample(t testing.TB) []byte {
	path := filepath.Join(t.TempDir(), "sample")
	f, err := os.Create(path)
	require.NoError(t, err)
	defer f.Close()
	w, err := NewWriter(f, map[string]string{"a": "<ü>", "b": ""}, []Tensor{
		{Name: "sums", DType: F64, Shape: []int{2}}, {Name: "none", DType: F32, Shape: []int{0, 4}}, {Name: "dense/kernel", DType: F32, Shape: []int{3, 2}},
		{Name: "scalar", DType: F32, Shape: nil}})
	require.NoError(t, err)
	require.NoError(t, w.Float64s([]float64{1.0 / 3, math.Inf(-1)}))
	require.NoError(t, w.Float32s([]float32{1, 2, 3, 4}))
	require.NoError(t, w.Float32s([]float32{5, 6}))
	require.NoError(t, w.Float32s([]float32{7}))
	require.NoError(t, w.Close())
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	return b
}

func parse(b []byte) (*File, error) { return NewFile("file", bytes.NewReader(b), int64(len(b))) }

// readAll reads what there is in a file, as a user would.
func readAll(b []byte) error {
	f, err := parse(b)
	if err != nil {
		return err
	}
	if _, err = f.Verify(); err != nil {
		return err
	}
	var errs []error
	for _, t := range f.Tensors() {
		if t.Len() > len(b) {
			return fmt.Errorf("BUG: a tensor of %d elements in a file of %d bytes", t.Len(), len(b))
		}
		if decoders[t.DType] != nil {
			errs = append(errs, f.ReadFloat64(t.Name, make([]float64, t.Len())))
		}
	}
	return errors.Join(errs...)
}

func TestRoundTrip(t *testing.T) {
	b := sample(t)
	f, err := parse(b)
	require.NoError(t, err)
	found, err := f.Verify()
	require.NoError(t, err)
	assert.True(t, found)
	meta := f.Metadata()
	delete(meta, sumKey)
	assert.Equal(t, map[string]string{"a": "<ü>", "b": ""}, meta)
	kernel, err := f.Float32s("dense/kernel")
	require.NoError(t, err)
	assert.Equal(t, []float32{1, 2, 3, 4, 5, 6}, kernel)
	sums := make([]float64, 2)
	require.NoError(t, f.ReadFloat64("sums", sums))
	assert.Equal(t, []float64{1.0 / 3, math.Inf(-1)}, sums)
	assert.Zero(t, f.data%8)
	require.NoError(t, readAll(b))
}

// What this package writes is what Python reads by the published format.
func TestPythonReadsOurs(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("NOT TESTED: files of ours in Python: no python3")
	}
	path := filepath.Join(t.TempDir(), "ours")
	require.NoError(t, os.WriteFile(path, sample(t), 0o600))
	out, err := exec.Command(python, "-c", `
import json, struct, sys
raw = open(sys.argv[1], "rb").read()
n, = struct.unpack("<Q", raw[:8])
header = json.loads(raw[8:8+n])
begin, end = header["dense/kernel"]["data_offsets"]
print(header["__metadata__"]["a"], header["dense/kernel"]["shape"], struct.unpack("<6f", raw[8+n+begin:8+n+end]))`, path).CombinedOutput()
	require.NoError(t, err, "%s", out)
	assert.Equal(t, "<ü> [3, 2] (1.0, 2.0, 3.0, 4.0, 5.0, 6.0)\n", string(out))
}

// file makes a file of a header and so many bytes of data.
func file(header string, data int) []byte {
	b := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	return append(append(b, header...), make([]byte, data)...)
}

func TestHostileHeaders(t *testing.T) {
	one := func(fields string) []byte { return file(`{"a":{`+fields+`}}`, 4) }
	with := func(length uint64) []byte {
		b := file(`{}`, 0)
		binary.LittleEndian.PutUint64(b, length)
		return b
	}
	for text, b := range map[string][]byte{
		"0 bytes, want at least 10": {},
		"the header has 18446744073709551615 bytes, want 2 to 2, in a file of 10": with(math.MaxUint64),
		"the header has 9223372036854775807 bytes, want 2 to 2":                   with(math.MaxInt64),
		"the header has 0 bytes":                                                    with(0),
		"the header has 3 bytes, want 2 to 2":                                       with(3),
		`the header begins with '[', want {`:                                        file(`[]`, 0),
		`header: tensor "a": unexpected EOF`:                                        file(`{"a":{"dtype`, 0),
		"more than spaces behind the header":                                        file(`{} {}`, 0),
		`"a" comes twice in the header`:                                             file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 4),
		`"__metadata__" comes twice`:                                                file(`{"__metadata__":{},"__metadata__":{}}`, 0),
		`"x" comes twice in the metadata`:                                           file(`{"__metadata__":{"x":"1","x":"2"}}`, 0),
		"1 at byte 23 of the header, want a string":                                 file(`{"__metadata__":{"x": 1}}`, 0),
		`tensor "a": incomplete`:                                                    one(``),
		`tensor "a": dtype is "F31"`:                                                one(`"dtype":"F31","shape":[1],"data_offsets":[0,4]`),
		`tensor "a": field "kind" is unknown`:                                       one(`"kind":1`),
		`tensor "a": field "shape" is unknown, or comes twice`:                      one(`"shape":[1],"shape":[1]`),
		`tensor "a": -1 at byte 17 of the header, want an integer of at least 0`:    one(`"shape":[-1]`),
		`tensor "a": 1.5 at byte 18 of the header, want an integer`:                 one(`"shape":[1.5]`),
		`tensor "a": 1e2 at byte 18 of the header, want an integer`:                 one(`"shape":[1e2]`),
		`tensor "a": 99999999999999999999 at byte`:                                  one(`"shape":[99999999999999999999]`),
		`tensor "a": shape [4611686018427387904 4] of F32 has more bytes than`:      one(`"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,4]`),
		`tensor "a": shape [9223372036854775807] of F32 has more bytes than`:        one(`"dtype":"F32","shape":[9223372036854775807],"data_offsets":[0,4]`),
		`tensor "a": data_offsets are [0, 4], 4 bytes, want 8 for shape [2] of F32`: one(`"dtype":"F32","shape":[2],"data_offsets":[0,4]`),
		`tensor "a": data_offsets are [4, 0], -4 bytes`:                             one(`"dtype":"F32","shape":[1],"data_offsets":[4,0]`),
		`tensor "a": data_offsets are [0], want two`:                                one(`"dtype":"F32","shape":[1],"data_offsets":[0]`),
		`tensor "a": begins at byte 4 of the data, want 0`:                          file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`, 8),
		`tensor "a": ends at byte 8 of the data, want at most 4`:                    one(`"dtype":"F32","shape":[2],"data_offsets":[0,8]`),
		`tensor "b": begins at byte 2 of the data, within the tensor before it`:     file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}`, 6),
		"the file has 5 bytes of data, want 4":                                      file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 5),
		"more than 64 integers":                                                     one(`"shape":[` + strings.Repeat("1,", 64) + `1]`),
		"want an integer of at least 0":                                             one(`"shape":` + strings.Repeat("[", 5000)),
	} {
		t.Run(text[:min(len(text), 60)], func(t *testing.T) {
			_, err := parse(b)
			assert.ErrorContains(t, err, text)
			assert.ErrorContains(t, err, "safetensors: file: ")
		})
	}
	_, err := Open(t.TempDir())
	assert.ErrorContains(t, err, "not a regular file")
}

// However long a file says that its header is, no memory is taken for it.
func TestHostileLengthTakesNoMemory(t *testing.T) {
	b := file(`{}`, 0)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for shift := range 64 {
		binary.LittleEndian.PutUint64(b, 1<<shift)
		_, err := parse(b)
		assert.Equal(t, shift == 1, err == nil, "length %d", uint64(1)<<shift)
	}
	runtime.ReadMemStats(&after)
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20))
}

// A file that lacks its end, has a byte more, or a bit that flipped is refused, whichever byte it is.
func TestDamagedFiles(t *testing.T) {
	b := sample(t)
	for n := range b {
		assert.Error(t, readAll(b[:n:n]), "cut off after %d of %d bytes", n, len(b))
	}
	assert.Error(t, readAll(append(b[:len(b):len(b)], 0)))
	unseen := 0
	for i := range b {
		for bit := range 8 {
			b[i] ^= 1 << bit
			if err := readAll(b); err == nil {
				unseen++ // it must have hit the name of the check sum, so that there is none
				assert.Less(t, i, 8+len(sumPrefix), "bit %d of byte %d", bit, i)
			}
			b[i] ^= 1 << bit
		}
	}
	assert.Less(t, unseen, 8*len(sumPrefix))
	require.NoError(t, readAll(b))
}

// full is a place that takes only so many bytes.
type full struct {
	io.WriteSeeker
	left int
}

func (f *full) Write(b []byte) (int, error) {
	if f.left -= len(b); f.left < 0 {
		return 0, errors.New("no space left")
	}
	return len(b), nil
}

func TestWritesRefused(t *testing.T) {
	tensors := func(list ...Tensor) []Tensor { return list }
	ok := Tensor{Name: "a", DType: F32, Shape: []int{2}}
	for text, row := range map[string]struct {
		metadata map[string]string
		tensors  []Tensor
	}{
		`tensor "a": the name is taken`:                  {nil, tensors(ok, ok)},
		`tensor "__metadata__": the name is taken`:       {nil, tensors(Tensor{Name: "__metadata__", DType: F32})},
		`tensor "a": I8 of shape [], want F32 or F64`:    {nil, tensors(Tensor{Name: "a", DType: "I8"})},
		`tensor "a": F32 of shape [-1]`:                  {nil, tensors(Tensor{Name: "a", DType: F32, Shape: []int{-1}})},
		`tensor "a": F32 of shape [4611686018427387904]`: {nil, tensors(Tensor{Name: "a", DType: F32, Shape: []int{1 << 62}})},
		`metadata: "crc32c" is the check sum's`:          {map[string]string{"crc32c": ""}, nil},
		`metadata: "\xff" is not UTF-8`:                  {map[string]string{"\xff": ""}, nil},
		`tensor "\xff": "\xff" is not UTF-8`:             {nil, tensors(Tensor{Name: "\xff", DType: F32})},
	} {
		_, err := NewWriter(&full{left: 1e6}, row.metadata, row.tensors)
		assert.ErrorContains(t, err, text)
	}
	w, err := NewWriter(&full{left: 1e6}, nil, tensors(ok))
	require.NoError(t, err)
	assert.ErrorContains(t, w.Float64s([]float64{1}), `tensor "a": 1 numbers of F64, want at most 2 of F32`)
	w, _ = NewWriter(&full{left: 1e6}, nil, tensors(ok))
	assert.ErrorContains(t, w.Float32s(make([]float32, 3)), `3 numbers of F32, want at most 2`)
	w, _ = NewWriter(&full{left: 1e6}, nil, tensors(ok))
	require.NoError(t, w.Float32s([]float32{1}))
	assert.ErrorContains(t, w.Close(), `tensor "a": 1 numbers are written, want 2`)
	w, _ = NewWriter(&full{left: 10}, nil, tensors(ok))
	require.NoError(t, w.Float32s([]float32{1, 2}))
	assert.ErrorContains(t, w.Close(), "no space left")
}

func FuzzRead(f *testing.F) {
	foreign, err := os.ReadFile("testdata/foreign.safetensors")
	require.NoError(f, err)
	f.Add(foreign)
	f.Add(sample(f))
	f.Add(file(`{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 4))
	f.Fuzz(func(t *testing.T, b []byte) {
		if err := readAll(b); err != nil {
			if strings.Contains(err.Error(), "BUG") {
				t.Fatal(err)
			}
			return
		}
		n := binary.LittleEndian.Uint64(b)
		if !json.Valid(b[8 : 8+n]) {
			t.Fatal("a header was taken that is not JSON")
		}
	})
}

func Example() {
	path := filepath.Join(os.TempDir(), "example.safetensors")
	out, err := os.Create(path)
	if err != nil {
		panic(err)
	}
	defer os.Remove(path)
	w, err := NewWriter(out, map[string]string{"author": "me"}, []Tensor{{Name: "dense/kernel", DType: F32, Shape: []int{2, 2}}})
	if err != nil {
		panic(err)
	}
	if err := errors.Join(w.Float32s([]float32{1, 2, 3, 4}), w.Close(), out.Close()); err != nil {
		panic(err)
	}
	f, err := Open(path)
	if err != nil {
		panic(err)
	}
	defer f.Close()
	values, err := f.Float32s("dense/kernel")
	fmt.Println(f.Metadata()["author"], f.Tensors()[0].Shape, values, err)
	// Output: me [2 2] [1 2 3 4] <nil>
}
