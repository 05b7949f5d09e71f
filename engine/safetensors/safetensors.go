// Package safetensors reads and writes files of tensors in the format of that name (https://huggingface.co/docs/safetensors): eight bytes
// with the length of a header, little-endian, the header, which is JSON and says of each tensor its type, shape and place, and the numbers,
// row-major and little-endian. Files are read and written a part at a time, and nothing that a file says of itself is believed: lengths,
// shapes and places are held against the size of the file before memory is allocated.
package safetensors

import (
	"fmt"
	"math"
	"math/bits"
)

// DType is the type of a tensor's elements, as the header has it.
type DType string

// The types that are read as numbers. Files may have tensors of others, which are skipped.
const (
	F16  DType = "F16"
	BF16 DType = "BF16"
	F32  DType = "F32"
	F64  DType = "F64"
)

// widths are the bytes of an element of each type of the format.
var widths = map[DType]int64{"BOOL": 1, "U8": 1, "I8": 1, "F8_E5M2": 1, "F8_E4M3": 1, "F8_E8M0": 1, "I16": 2, "U16": 2, F16: 2, BF16: 2,
	"I32": 4, "U32": 4, F32: 4, F64: 8, "I64": 8, "U64": 8, "C64": 8}

// A Tensor is what the header says of one.
type Tensor struct {
	Name       string
	DType      DType
	Shape      []int
	begin, end int64 // of its bytes, from the end of the header on
}

// Len returns the number of elements.
func (t Tensor) Len() int {
	n := 1
	for _, d := range t.Shape {
		n *= d
	}
	return n
}

// bytes returns the size of the tensor; ok is false if that is no number, or the type is unknown.
func (t Tensor) bytes() (size int64, ok bool) {
	width, ok := widths[t.DType]
	n := uint64(width)
	for _, d := range t.Shape {
		if d < 0 {
			return 0, false
		}
		high, low := bits.Mul64(n, uint64(d))
		if high > 0 || low > math.MaxInt64 {
			return 0, false
		}
		n = low
	}
	return int64(n), ok
}

// MaxHeader is the largest header that is read, in bytes: that of the format's first implementation.
const MaxHeader = 100_000_000

// metadataKey is the header's key for what is not a tensor.
const metadataKey = "__metadata__"

// sumKey has the CRC-32C (Castagnoli) of the whole file, in which it is itself eight zeros: eight hexadecimal digits. It is the
// first entry of the header, so that its place is known. Files from elsewhere have none.
const (
	sumKey    = "crc32c"
	sumPrefix = `{"` + metadataKey + `":{"` + sumKey + `":"`
	noSum     = "00000000"
)

// errorf names the tensor in an error.
func (t Tensor) errorf(format string, args ...any) error {
	return fmt.Errorf("tensor %q: %w", t.Name, fmt.Errorf(format, args...))
}
