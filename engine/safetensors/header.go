package safetensors

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
)

// header decodes the JSON of a header, token by token: its parts are checked as they come, and a name that comes twice is seen.
type header struct {
	*json.Decoder
	metadata map[string]string
	tensors  []Tensor
	names    map[string]bool
}

func parseHeader(r io.Reader) (*header, error) {
	h := &header{json.NewDecoder(r), map[string]string{}, nil, map[string]bool{}}
	h.UseNumber()
	if err := h.object(h.entry); err != nil {
		return nil, err
	}
	if _, err := h.Token(); err != io.EOF {
		return nil, fmt.Errorf("more than spaces behind the header's closing brace")
	}
	return h, nil
}

// object reads an object, key by key.
func (h *header) object(field func(key string) error) error {
	if err := h.delim('{'); err != nil {
		return err
	}
	for h.More() {
		key, err := h.Token()
		if err != nil {
			return err
		}
		if err := field(key.(string)); err != nil { // the decoder lets no other keys through
			return err
		}
	}
	return h.delim('}')
}

func (h *header) delim(want json.Delim) error {
	got, err := h.Token()
	if err != nil {
		return err
	}
	if got != want {
		return fmt.Errorf("%v at byte %d of the header, want %v", got, h.InputOffset(), want)
	}
	return nil
}

func (h *header) text() (string, error) {
	got, err := h.Token()
	if err != nil {
		return "", err
	}
	s, ok := got.(string)
	if !ok {
		return "", fmt.Errorf("%v at byte %d of the header, want a string", got, h.InputOffset())
	}
	return s, nil
}

// maxAxes is how many axes a tensor may have: NumPy's limit.
const maxAxes = 64

// integers reads an array of integers of at least 0.
func (h *header) integers() (list []int64, err error) {
	if err := h.delim('['); err != nil {
		return nil, err
	}
	for h.More() {
		got, err := h.Token()
		if err != nil {
			return nil, err
		}
		text, _ := got.(json.Number)
		n, err := strconv.ParseInt(string(text), 10, 64)
		if err != nil || n < 0 {
			return nil, fmt.Errorf("%v at byte %d of the header, want an integer of at least 0", got, h.InputOffset())
		}
		if list = append(list, n); len(list) > maxAxes {
			return nil, fmt.Errorf("more than %d integers at byte %d of the header", maxAxes, h.InputOffset())
		}
	}
	return list, h.delim(']')
}

func (h *header) entry(name string) error {
	if h.names[name] {
		return fmt.Errorf("%q comes twice in the header", name)
	}
	h.names[name] = true
	if name == metadataKey {
		return h.object(h.metadatum)
	}
	t := Tensor{Name: name, begin: -1}
	if err := h.object(func(key string) error { return h.field(&t, key) }); err != nil {
		return t.errorf("%w", err)
	}
	if err := t.check(); err != nil {
		return err
	}
	h.tensors = append(h.tensors, t)
	return nil
}

func (h *header) metadatum(key string) error {
	if _, twice := h.metadata[key]; twice {
		return fmt.Errorf("%q comes twice in the metadata", key)
	}
	value, err := h.text()
	h.metadata[key] = value
	return err
}

// field reads one of the three that a tensor has.
func (h *header) field(t *Tensor, key string) error {
	switch {
	case key == "dtype" && t.DType == "":
		text, err := h.text()
		t.DType = DType(text)
		return err
	case key == "shape" && t.Shape == nil:
		list, err := h.integers()
		t.Shape = make([]int, len(list))
		for i, n := range list {
			if t.Shape[i] = int(n); int64(t.Shape[i]) != n {
				return fmt.Errorf("axis %d has %d elements, more than there can be", i, n)
			}
		}
		return err
	case key == "data_offsets" && t.begin < 0:
		list, err := h.integers()
		if err == nil && len(list) != 2 {
			err = fmt.Errorf("data_offsets are %v, want two", list)
		}
		if err == nil {
			t.begin, t.end = list[0], list[1]
		}
		return err
	}
	return fmt.Errorf("field %q is unknown, or comes twice: want dtype, shape and data_offsets, once each", key)
}

// check holds the tensor's size against its place.
func (t Tensor) check() error {
	if t.DType == "" || t.Shape == nil || t.begin < 0 {
		return t.errorf("incomplete: want dtype, shape and data_offsets")
	}
	if _, known := widths[t.DType]; !known {
		return t.errorf("dtype is %q, want one of the format's", t.DType)
	}
	size, ok := t.bytes()
	if !ok {
		return t.errorf("shape %v of %s has more bytes than there can be", t.Shape, t.DType)
	}
	if t.end < t.begin || t.end-t.begin != size {
		return t.errorf("data_offsets are [%d, %d], %d bytes, want %d for shape %v of %s", t.begin, t.end, t.end-t.begin, size, t.Shape, t.DType)
	}
	return nil
}

// cover sorts the tensors by their place and refuses those that overlap, leave bytes to nobody, or lie beyond the end.
func (h *header) cover(size int64) error {
	slices.SortStableFunc(h.tensors, func(a, b Tensor) int {
		return cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(a.end, b.end))
	})
	at := int64(0)
	for _, t := range h.tensors {
		switch {
		case t.end > size:
			return t.errorf("ends at byte %d of the data, want at most %d, the size of the data in the file", t.end, size)
		case t.begin < at:
			return t.errorf("begins at byte %d of the data, within the tensor before it, which ends at %d", t.begin, at)
		case t.begin > at:
			return t.errorf("begins at byte %d of the data, want %d, where the tensor before it ends", t.begin, at)
		}
		at = t.end
	}
	if at != size {
		return fmt.Errorf("the file has %d bytes of data, want %d, as the header says", size, at)
	}
	return nil
}
