package kernels

import (
	"fmt"

	"github.com/gradus-ml/gradus/engine/backend"
)

// own returns the device's buffer behind a region.
func (d *device) own(r backend.Region) (*buffer, error) {
	if err := r.Valid(); err != nil {
		return nil, err
	}
	b, ok := r.Buffer.(*buffer)
	switch {
	case !ok:
		return nil, fmt.Errorf("the buffer is another backend's (%T)", r.Buffer)
	case b.device != d:
		return nil, fmt.Errorf("the buffer is another device's")
	case b.released.Load():
		return nil, fmt.Errorf("the buffer is released")
	}
	return b, nil
}

// spanOf returns the bytes of a region that is the device's own.
func spanOf(r backend.Region) span {
	b := r.Buffer.(*buffer)
	return span{b.block.buffer, int64(r.Offset) * int64(b.kind.Size()), r.Bytes()}
}

// endpoint returns the bytes of a region for a transfer of so many bytes.
func (d *device) endpoint(what string, r backend.Region, bytes int) (span, error) {
	if _, err := d.own(r); err != nil {
		return span{}, fmt.Errorf("kernels: %s: %w", what, err)
	}
	if int64(bytes) != r.Bytes() {
		return span{}, fmt.Errorf("kernels: %s: %d bytes for a region of %d %v, which are %d", what, bytes, r.Len, r.Kind(), r.Bytes())
	}
	return spanOf(r), nil
}

// Write implements backend.Backend.
func (d *device) Write(dst backend.Region, src []byte) error {
	s, err := d.endpoint("write", dst, len(src))
	if err != nil {
		return err
	}
	return d.owner.do(func() error { return d.gpu.upload(s, src) })
}

// Read implements backend.Backend.
func (d *device) Read(dst []byte, src backend.Region) error {
	s, err := d.endpoint("read", src, len(dst))
	if err != nil {
		return err
	}
	return d.owner.do(func() error { return d.gpu.read(dst, s) })
}

// uploadBytes is how much is written at once; the binding holds a copy meanwhile.
const uploadBytes = 16 << 20

// upload writes bytes, after the work that was submitted before.
func (g *gpu) upload(dst span, src []byte) error {
	words := dst.words()
	if words != dst {
		padded, err := g.padded(dst, src)
		if err != nil {
			return err
		}
		dst, src = words, padded
	}
	for at := 0; at < len(src); at += uploadBytes {
		if err := g.write(dst.buffer, dst.offset+int64(at), src[at:min(at+uploadBytes, len(src))]); err != nil {
			return err
		}
		if err := g.flush(); err != nil {
			return err
		}
	}
	return nil
}

// padded returns src, which does not fill whole words, with the bytes around it that stay.
func (g *gpu) padded(dst span, src []byte) ([]byte, error) {
	words := dst.words()
	data := make([]byte, words.bytes)
	for _, at := range []int64{0, words.bytes - 4} {
		if err := g.read(data[at:at+4], span{dst.buffer, words.offset + at, 4}); err != nil {
			return nil, err
		}
	}
	copy(data[dst.offset-words.offset:], src)
	return data, nil
}
