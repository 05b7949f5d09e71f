// Package idx reads the IDX files in which MNIST and its relatives come (http://yann.lecun.com/exdb/mnist),
// plain or compressed with gzip.
//
// A file is: two zero bytes, a type code, the number of axes, each axis as a big-endian uint32, then the elements in
// row-major order. Only unsigned bytes (code 0x08) are read: images and labels have no other.
package idx

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// An Array is the content of an IDX file.
type Array struct {
	Shape []int
	Data  []uint8 // as many as the product of the axes
}

// maxElements bounds what is read: 2 GiB.
const maxElements = 1 << 31

const unsignedByte = 0x08

var typeNames = map[byte]string{0x09: "signed bytes", 0x0B: "16-bit integers", 0x0C: "32-bit integers", 0x0D: "floats", 0x0E: "doubles"}

// ReadFile reads the file; errors name it.
func ReadFile(name string) (*Array, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("idx: %w", err)
	}
	defer f.Close()
	a, err := Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return a, nil
}

// Read reads one array, which must end where the input ends. Memory grows with what is
// read, not with what the header promises.
func Read(r io.Reader) (*Array, error) {
	b := bufio.NewReader(r)
	magic, err := b.Peek(2)
	if err != nil {
		return nil, fmt.Errorf("idx: the file has %d bytes, too few for a header", len(magic))
	}
	if magic[0] != 0x1f || magic[1] != 0x8b {
		return read(b)
	}
	unzipped, err := gzip.NewReader(b)
	if err != nil {
		return nil, fmt.Errorf("idx: gzip: %w", err)
	}
	return read(unzipped)
}

func read(r io.Reader) (*Array, error) {
	shape, n, err := header(r)
	if err != nil {
		return nil, err
	}
	var data bytes.Buffer
	got, err := io.Copy(&data, io.LimitReader(r, n+1))
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF) || err == nil && got < n:
		return nil, fmt.Errorf("idx: the file ends after %d of %d elements (shape %v)", got, n, shape)
	case err != nil:
		return nil, fmt.Errorf("idx: after %d of %d elements: %w", got, n, err)
	case got > n:
		return nil, fmt.Errorf("idx: more than %d elements (shape %v)", n, shape)
	}
	return &Array{shape, data.Bytes()}, nil
}

// header reads the axes and returns the number of elements.
func header(r io.Reader) (shape []int, n int64, err error) {
	var magic [4]byte
	if _, err := io.ReadFull(r, magic[:]); err != nil {
		return nil, 0, fmt.Errorf("idx: reading the header: %w", err)
	}
	switch {
	case magic[0] != 0 || magic[1] != 0:
		return nil, 0, fmt.Errorf("idx: the file begins with % x, want 00 00: not an IDX file", magic)
	case magic[2] != unsignedByte && typeNames[magic[2]] != "":
		return nil, 0, fmt.Errorf("idx: elements are %s (0x%02x), want unsigned bytes (0x08)", typeNames[magic[2]], magic[2])
	case magic[2] != unsignedByte:
		return nil, 0, fmt.Errorf("idx: type code is 0x%02x, want 0x08, unsigned bytes", magic[2])
	case magic[3] == 0:
		return nil, 0, errors.New("idx: the array has no axes")
	}
	axes := make([]uint32, magic[3])
	if err := binary.Read(r, binary.BigEndian, axes); err != nil {
		return nil, 0, fmt.Errorf("idx: reading %d axes: %w", len(axes), err)
	}
	n = 1
	for i, d := range axes {
		shape = append(shape, int(d))
		if n *= int64(d); d == 0 || n > maxElements {
			return nil, 0, fmt.Errorf("idx: axis %d is %d, want at least 1 and no more than %d elements in all", i, d, maxElements)
		}
	}
	return shape, n, nil
}

// Write writes the array, uncompressed.
func (a *Array) Write(w io.Writer) error {
	head := []byte{0, 0, unsignedByte, byte(len(a.Shape))}
	for _, d := range a.Shape {
		head = binary.BigEndian.AppendUint32(head, uint32(d))
	}
	if _, err := w.Write(head); err != nil {
		return err
	}
	_, err := w.Write(a.Data)
	return err
}
