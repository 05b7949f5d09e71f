// Package npy reads and writes NumPy's files of arrays, .npy and .npz (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html),
// as float32. Numbers are read a part at a time: an array takes the memory of the numbers that there are, whatever its header says. Arrays of
// Python objects, which NumPy would execute, are refused.
package npy

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"math/bits"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A Reader reads one array.
type Reader struct {
	r       io.Reader
	shape   []int
	fortran bool
	dtype   dtype
	left    int // elements
}

// maxHeader is the largest header that is read, in bytes; NumPy itself reads 10,000 unless it is told otherwise.
const maxHeader = 1 << 16

const magic = "\x93NUMPY"

// NewReader reads the header of an array.
func NewReader(r io.Reader) (*Reader, error) {
	made := &Reader{r: r}
	text, err := header(r)
	if err == nil {
		err = made.parse(text)
	}
	if err != nil {
		return nil, fmt.Errorf("npy: %w", err)
	}
	return made, nil
}

// header returns the text of the header.
func header(r io.Reader) (string, error) {
	start := make([]byte, len(magic)+2)
	if _, err := io.ReadFull(r, start); err != nil {
		return "", fmt.Errorf("the first %d bytes: %w", len(start), unexpected(err))
	}
	if string(start[:len(magic)]) != magic {
		return "", fmt.Errorf("the file begins with %q, want %q", start[:len(magic)], magic)
	}
	length := make([]byte, 4)
	switch version := start[len(magic)]; version {
	case 1:
		length = length[:2]
	case 2, 3:
	default:
		return "", fmt.Errorf("version %d.%d of the format, want 1 to 3", version, start[len(magic)+1])
	}
	if _, err := io.ReadFull(r, length); err != nil {
		return "", fmt.Errorf("the length of the header: %w", unexpected(err))
	}
	n := binary.LittleEndian.Uint32(append(length, 0, 0)[:4])
	if n > maxHeader {
		return "", fmt.Errorf("the header has %d bytes, want at most %d", n, maxHeader)
	}
	text := make([]byte, n)
	_, err := io.ReadFull(r, text)
	return string(text), unexpected(err)
}

// unexpected is what io.ReadFull says, also where there was nothing at all.
func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// field is an entry of the header, which is a dictionary in Python.
var field = regexp.MustCompile(`^\s*['"](\w+)['"]\s*:\s*('[^'\\]*'|"[^"\\]*"|True|False|\([0-9,\s]*\))\s*(,?)`)

func (r *Reader) parse(text string) error {
	fields := map[string]string{}
	rest, ok := strings.CutPrefix(strings.TrimSpace(text), "{")
	for separated := true; ok && !strings.HasPrefix(strings.TrimSpace(rest), "}"); {
		m := field.FindStringSubmatch(rest)
		if m == nil || !separated || fields[m[1]] != "" {
			ok = false
			break
		}
		fields[m[1]], separated = m[2], m[3] == ","
		rest = rest[len(m[0]):]
	}
	if !ok || strings.TrimSpace(rest) != "}" || len(fields) != 3 {
		return fmt.Errorf("the header is %.200q, want a dictionary of descr, a simple type, fortran_order and shape", text)
	}
	return r.take(fields["descr"], fields["fortran_order"], fields["shape"])
}

func (r *Reader) take(descr, fortran, shape string) error {
	if r.dtype, r.fortran = dtypes[strings.Trim(descr, `'"`)], fortran == "True"; r.dtype.width == 0 {
		return fmt.Errorf("descr is %s, want numbers of 1 to 8 bytes", descr)
	}
	if !r.fortran && fortran != "False" || !strings.HasPrefix(shape, "(") {
		return fmt.Errorf("fortran_order is %q and shape %q, want True or False, and a tuple", fortran, shape)
	}
	n := uint64(r.dtype.width)
	for _, text := range strings.FieldsFunc(shape, func(c rune) bool { return strings.ContainsRune("(), \t\n\r", c) }) {
		d, err := strconv.ParseInt(text, 10, 64)
		high, low := bits.Mul64(n, uint64(d))
		if err != nil || high > 0 || low > math.MaxInt64 {
			return fmt.Errorf("shape is %s, more bytes than there can be", shape)
		}
		n, r.shape = low, append(r.shape, int(d))
	}
	if len(r.shape) > 64 {
		return fmt.Errorf("%d axes, want at most 64", len(r.shape))
	}
	r.left = int(n) / r.dtype.width
	return nil
}

// Shape returns the axes of the array; none for a single number.
func (r *Reader) Shape() []int { return slices.Clone(r.shape) }

// Fortran reports whether the first axis varies fastest in the file. ReadAll returns row-major numbers nevertheless.
func (r *Reader) Fortran() bool { return r.fortran && len(r.shape) > 1 }

// Left returns how many elements have not been read.
func (r *Reader) Left() int { return r.left }

// part is how many elements are read at once.
const part = 8192

// Read reads the next elements, in the order of the file. Refused are numbers beyond a float32, and
// integers beyond ±2²⁴, from which on a float32 skips some.
func (r *Reader) Read(dst []float32) error {
	if len(dst) > r.left {
		return fmt.Errorf("npy: %d elements, want at most %d, which are left of shape %v", len(dst), r.left, r.shape)
	}
	raw := make([]byte, min(len(dst), part)*r.dtype.width)
	for len(dst) > 0 {
		raw = raw[:min(len(raw), len(dst)*r.dtype.width)]
		if _, err := io.ReadFull(r.r, raw); err != nil {
			return fmt.Errorf("npy: the array ends %d elements before its end: %w", r.left, unexpected(err))
		}
		for b := raw; len(b) > 0; b = b[r.dtype.width:] {
			v, rounded := r.dtype.decode(b)
			if dst[0] = float32(v); !rounded && math.Abs(v) > 1<<24 || math.IsInf(float64(dst[0]), 0) && !math.IsInf(v, 0) {
				return fmt.Errorf("npy: %.17g is no float32", v)
			}
			dst = dst[1:]
			r.left--
		}
	}
	return nil
}

// ReadAll reads all elements, row-major.
func (r *Reader) ReadAll() ([]float32, error) {
	values := make([]float32, 0, min(r.left, part))
	for r.left > 0 {
		n := len(values)
		values = slices.Grow(values, min(r.left, part))[:n+min(r.left, part)]
		if err := r.Read(values[n:]); err != nil {
			return nil, err
		}
	}
	if r.Fortran() {
		return rowMajor(values, r.shape), nil
	}
	return values, nil
}

// rowMajor puts values of which the first axis varies fastest into the order in which the last does.
func rowMajor(values []float32, shape []int) []float32 {
	made := make([]float32, len(values))
	strides, stride := make([]int, len(shape)), 1
	for i, d := range shape {
		strides[i] = stride
		stride *= d
	}
	at := make([]int, len(shape))
	for i := range made {
		from := 0
		for axis, k := range at {
			from += k * strides[axis]
		}
		made[i] = values[from]
		for axis := len(at) - 1; axis >= 0; axis-- {
			if at[axis]++; at[axis] < shape[axis] {
				break
			}
			at[axis] = 0
		}
	}
	return made
}

// Write writes an array of float32: values of the shape, row-major.
func Write(w io.Writer, shape []int, values []float32) error {
	n, axes := 1, ""
	for _, d := range shape {
		if d < 0 {
			return fmt.Errorf("npy: shape is %v, want axes of at least 0", shape)
		}
		n *= d
		axes += strconv.Itoa(d) + ","
	}
	if n != len(values) || len(shape) > 64 {
		return fmt.Errorf("npy: %d values, want %d for shape %v, of at most 64 axes", len(values), n, shape)
	}
	text := fmt.Sprintf("{'descr': '<f4', 'fortran_order': False, 'shape': (%s), }", axes)
	text += strings.Repeat(" ", 63-(len(magic)+4+len(text))%64) + "\n"
	b := append(append([]byte(magic), 1, 0), byte(len(text)), byte(len(text)>>8))
	b = append(b, text...)
	for _, v := range values {
		if b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v)); len(b) >= 1<<16 {
			if _, err := w.Write(b); err != nil {
				return err
			}
			b = b[:0]
		}
	}
	_, err := w.Write(b)
	return err
}
