package safetensors

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"maps"
	"math"
	"slices"
	"unicode/utf8"
)

// A Writer writes a file, one tensor after the other: NewWriter, Float32s or Float64s for each tensor in its order, Close.
type Writer struct {
	out     io.WriteSeeker
	buffer  *bufio.Writer
	sum     hash.Hash32
	tensors []Tensor
	next    int // tensor to be written
	written int // elements of it
	err     error
}

// NewWriter writes the header of a file at the beginning of out. The tensors, of F32 or F64, lie in the file in their order; put those of F64
// first, so that all lie at multiples of their elements. The metadata's key "crc32c" is the check sum's.
func NewWriter(out io.WriteSeeker, metadata map[string]string, tensors []Tensor) (*Writer, error) {
	text, laid, err := headerOf(metadata, tensors)
	if err != nil {
		return nil, fmt.Errorf("safetensors: %w", err)
	}
	w := &Writer{out: out, sum: crc32.New(castagnoli), tensors: laid}
	w.buffer = bufio.NewWriterSize(io.MultiWriter(out, w.sum), part)
	w.write(binary.LittleEndian.AppendUint64(nil, uint64(len(text))))
	w.write(text)
	return w, w.err
}

// headerOf lays the tensors out and makes the header, padded with spaces to a multiple of eight bytes.
func headerOf(metadata map[string]string, tensors []Tensor) ([]byte, []Tensor, error) {
	if _, taken := metadata[sumKey]; taken {
		return nil, nil, fmt.Errorf("metadata: %q is the check sum's", sumKey)
	}
	out := bytes.NewBufferString(sumPrefix + noSum + `"`)
	for _, key := range slices.Sorted(maps.Keys(metadata)) {
		if err := pair(out, key, metadata[key]); err != nil {
			return nil, nil, fmt.Errorf("metadata: %w", err)
		}
	}
	out.WriteByte('}')
	laid, err := layOut(out, tensors)
	if err != nil {
		return nil, nil, err
	}
	out.WriteByte('}')
	for out.Len()%8 > 0 {
		out.WriteByte(' ')
	}
	if out.Len() > MaxHeader {
		return nil, nil, fmt.Errorf("the header has %d bytes, want at most %d", out.Len(), MaxHeader)
	}
	return out.Bytes(), laid, nil
}

func layOut(out *bytes.Buffer, tensors []Tensor) (laid []Tensor, err error) {
	at, names := int64(0), map[string]bool{metadataKey: true}
	for _, t := range tensors {
		size, ok := t.bytes()
		if names[t.Name] {
			return nil, t.errorf("the name is taken")
		}
		if !ok || t.DType != F32 && t.DType != F64 || size > math.MaxInt64-at {
			return nil, t.errorf("%s of shape %v, want F32 or F64, of a size that there can be", t.DType, t.Shape)
		}
		names[t.Name] = true
		t.Shape = append([]int{}, t.Shape...)
		t.begin, t.end = at, at+size
		at = t.end
		value := struct {
			DType   DType    `json:"dtype"`
			Shape   []int    `json:"shape"`
			Offsets [2]int64 `json:"data_offsets"`
		}{t.DType, t.Shape, [2]int64{t.begin, t.end}}
		if err := pair(out, t.Name, value); err != nil {
			return nil, t.errorf("%w", err)
		}
		laid = append(laid, t)
	}
	return laid, nil
}

// pair adds a key and its value to an object that has some already.
func pair(out *bytes.Buffer, key string, value any) error {
	if text, ok := value.(string); !utf8.ValidString(key) || ok && !utf8.ValidString(text) {
		return fmt.Errorf("%q is not UTF-8", key)
	}
	name, err := json.Marshal(key)
	if err != nil {
		return err
	}
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	out.WriteByte(',')
	out.Write(name)
	out.WriteByte(':')
	out.Write(text)
	return nil
}

// Float32s writes the next numbers: of a tensor of F32, all or a part.
func (w *Writer) Float32s(values []float32) error {
	return w.add(F32, len(values), func(b []byte, i int) []byte {
		return binary.LittleEndian.AppendUint32(b, math.Float32bits(values[i]))
	})
}

// Float64s writes the next numbers: of a tensor of F64, all or a part.
func (w *Writer) Float64s(values []float64) error {
	return w.add(F64, len(values), func(b []byte, i int) []byte {
		return binary.LittleEndian.AppendUint64(b, math.Float64bits(values[i]))
	})
}

func (w *Writer) add(dtype DType, n int, encode func(b []byte, i int) []byte) error {
	w.skipEmpty()
	if n == 0 {
		return w.err
	}
	if w.next == len(w.tensors) {
		return w.fail("%d numbers more than the tensors have", n)
	}
	if t := w.tensors[w.next]; t.DType != dtype || n > t.Len()-w.written {
		return w.fail("%w", t.errorf("%d numbers of %s, want at most %d of %s", n, dtype, t.Len()-w.written, t.DType))
	}
	raw := make([]byte, 0, 4096+8)
	for i := range n {
		if raw = encode(raw, i); len(raw) >= 4096 {
			w.write(raw)
			raw = raw[:0]
		}
	}
	w.write(raw)
	w.written += n
	w.skipEmpty()
	return w.err
}

// skipEmpty goes on to the next tensor that lacks numbers.
func (w *Writer) skipEmpty() {
	for w.next < len(w.tensors) && w.written == w.tensors[w.next].Len() {
		w.next, w.written = w.next+1, 0
	}
}

func (w *Writer) fail(format string, args ...any) error {
	if w.err == nil {
		w.err = fmt.Errorf("safetensors: %w", fmt.Errorf(format, args...))
	}
	return w.err
}

func (w *Writer) write(b []byte) {
	if w.err == nil {
		_, w.err = w.buffer.Write(b)
	}
}

// Close writes what is left and the check sum. It refuses a file whose tensors are not all written. It does not close out.
func (w *Writer) Close() error {
	if w.skipEmpty(); w.err == nil && w.next < len(w.tensors) {
		t := w.tensors[w.next]
		w.fail("%w", t.errorf("%d numbers are written, want %d", w.written, t.Len()))
	}
	if w.err == nil {
		w.err = w.buffer.Flush()
	}
	if w.err == nil {
		_, w.err = w.out.Seek(int64(8+len(sumPrefix)), io.SeekStart)
	}
	if w.err == nil {
		_, w.err = fmt.Fprintf(w.out, "%08x", w.sum.Sum32())
	}
	return w.err
}
