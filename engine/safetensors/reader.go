package safetensors

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"math"
	"os"
	"slices"
)

// A File is a safetensors file that is open to be read. It holds its header; numbers are read when they are asked for. It may be used from several
// goroutines.
type File struct {
	name     string
	r        io.ReaderAt
	size     int64 // of the file
	data     int64 // where the numbers begin
	metadata map[string]string
	tensors  []Tensor
	close    func() error
}

// Open opens a file and reads its header. Errors name the file.
func Open(path string) (*File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s: not a regular file", path)
	}
	var made *File
	if err == nil {
		made, err = NewFile(path, f, info.Size())
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	made.close = f.Close
	return made, nil
}

// NewFile reads the header of what r holds: size bytes, called name in errors.
func NewFile(name string, r io.ReaderAt, size int64) (*File, error) {
	f := &File{name: name, r: r, size: size, close: func() error { return nil }}
	if err := f.readHeader(); err != nil {
		return nil, f.errorf("%w", err)
	}
	return f, nil
}

func (f *File) errorf(format string, args ...any) error {
	return fmt.Errorf("safetensors: %s: %w", f.name, fmt.Errorf(format, args...))
}

func (f *File) readHeader() error {
	var start [9]byte
	if f.size < 10 {
		return fmt.Errorf("%d bytes, want at least 10", f.size)
	}
	if _, err := f.r.ReadAt(start[:], 0); err != nil {
		return err
	}
	length := binary.LittleEndian.Uint64(start[:8])
	if length < 2 || length > MaxHeader || int64(length) > f.size-8 {
		return fmt.Errorf("the header has %d bytes, want 2 to %d, in a file of %d", length, min(MaxHeader, f.size-8), f.size)
	}
	if start[8] != '{' {
		return fmt.Errorf("the header begins with %q, want {", start[8])
	}
	h, err := parseHeader(io.NewSectionReader(f.r, 8, int64(length)))
	if err != nil {
		return fmt.Errorf("header: %w", err)
	}
	f.data = 8 + int64(length)
	f.metadata, f.tensors = h.metadata, h.tensors
	if err := h.cover(f.size - f.data); err != nil {
		return err
	}
	f.tensors = h.tensors
	return nil
}

// Metadata returns a copy of the strings that come with the tensors.
func (f *File) Metadata() map[string]string { return maps.Clone(f.metadata) }

// Tensors lists what is in the file, in the order of their places.
func (f *File) Tensors() []Tensor { return slices.Clone(f.tensors) }

// Tensor returns what the file says of the tensor of the name.
func (f *File) Tensor(name string) (t Tensor, ok bool) {
	i := slices.IndexFunc(f.tensors, func(t Tensor) bool { return t.Name == name })
	if i < 0 {
		return t, false
	}
	return f.tensors[i], true
}

// Read reads a tensor of F16, BF16, F32 or F64 as float32: F64 is rounded, and refused where it is beyond a float32. dst is as long as the tensor.
func (f *File) Read(name string, dst []float32) error {
	return f.read(name, len(dst), func(i int, v float64) error {
		dst[i] = float32(v)
		if math.IsInf(float64(dst[i]), 0) && !math.IsInf(v, 0) {
			return fmt.Errorf("element %d is %v, want at most %v, the largest float32", i, v, math.MaxFloat32)
		}
		return nil
	})
}

// ReadFloat64 is Read without rounding.
func (f *File) ReadFloat64(name string, dst []float64) error {
	return f.read(name, len(dst), func(i int, v float64) error {
		dst[i] = v
		return nil
	})
}

// Float32s returns the numbers of a tensor.
func (f *File) Float32s(name string) ([]float32, error) {
	t, ok := f.Tensor(name)
	if !ok {
		return nil, f.errorf("no tensor %q", name)
	}
	values := make([]float32, t.Len())
	return values, f.Read(name, values)
}

// part is how many bytes are read at once.
const part = 1 << 16

func (f *File) read(name string, n int, put func(i int, v float64) error) error {
	t, ok := f.Tensor(name)
	decode := decoders[t.DType]
	switch {
	case !ok:
		return f.errorf("no tensor %q", name)
	case decode == nil:
		return f.errorf("%w", t.errorf("dtype is %s, want F16, BF16, F32 or F64", t.DType))
	case t.Len() != n:
		return f.errorf("%w", t.errorf("shape is %v, %d elements, want %d", t.Shape, t.Len(), n))
	}
	width := int(widths[t.DType])
	raw := make([]byte, min(part, n*width))
	for i := 0; i < n; {
		raw = raw[:min(len(raw), (n-i)*width)]
		if _, err := f.r.ReadAt(raw, f.data+t.begin+int64(i)*int64(width)); err != nil {
			return f.errorf("%w", t.errorf("%w", err))
		}
		for b := raw; len(b) > 0; b = b[width:] {
			if err := put(i, decode(b)); err != nil {
				return f.errorf("%w", t.errorf("%w", err))
			}
			i++
		}
	}
	return nil
}

// decoders make the number of its bytes.
var decoders = map[DType]func(b []byte) float64{
	F64: func(b []byte) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(b)) },
	F32: func(b []byte) float64 { return float64(math.Float32frombits(binary.LittleEndian.Uint32(b))) },
	BF16: func(b []byte) float64 {
		return float64(math.Float32frombits(uint32(binary.LittleEndian.Uint16(b)) << 16))
	},
	F16: func(b []byte) float64 { return half(binary.LittleEndian.Uint16(b)) },
}

// half is the number of IEEE 754's binary16: 5 bits of exponent and 10 of fraction.
func half(b uint16) float64 {
	sign, exponent, fraction := 1.0, int(b>>10&31), float64(b&1023)
	if b>>15 == 1 {
		sign = -1
	}
	switch {
	case exponent == 0:
		return sign * math.Ldexp(fraction, -24)
	case exponent == 31 && fraction == 0:
		return math.Inf(int(sign))
	case exponent == 31:
		return math.NaN()
	}
	return sign * math.Ldexp(1024+fraction, exponent-25)
}

// Verify reads the whole file and compares it with the check sum that Writer gave it; a file from elsewhere has none, and found is false.
func (f *File) Verify() (found bool, err error) {
	start := make([]byte, 8+len(sumPrefix)+len(noSum))
	if f.size < int64(len(start)) {
		return false, nil
	}
	if _, err := f.r.ReadAt(start, 0); err != nil {
		return false, f.errorf("%w", err)
	}
	given := string(start[len(start)-len(noSum):])
	if string(start[8:8+len(sumPrefix)]) != sumPrefix {
		return false, nil
	}
	copy(start[len(start)-len(noSum):], noSum)
	sum := crc32.New(castagnoli)
	sum.Write(start)
	if _, err := io.Copy(sum, io.NewSectionReader(f.r, int64(len(start)), f.size-int64(len(start)))); err != nil {
		return true, f.errorf("%w", err)
	}
	if got := fmt.Sprintf("%08x", sum.Sum32()); got != given {
		return true, f.errorf("the check sum is %s, want %s, as the file says: it is damaged", got, given)
	}
	return true, nil
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Close closes the file.
func (f *File) Close() error { return f.close() }
