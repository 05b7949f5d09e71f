package kernels

import (
	"fmt"

	"github.com/gogpu/wgpu"
)

// stagingBytes are the sizes of the staging buffers that results are read through; the status words come first.
var stagingBytes = [2]int64{64 << 10, 16 << 20}

// staging returns the index of the buffer for so many bytes, as far as they fit in one, and makes the buffer.
func (g *gpu) staging(bytes int64) (b *wgpu.Buffer, room int64, err error) {
	i := 0
	if bytes > stagingBytes[0]-statusBytes {
		i = 1
	}
	if g.stagings[i] == nil {
		if g.stagings[i], err = g.newBuffer(stagingBytes[i], stagingUsage); err != nil {
			return nil, 0, err
		}
	}
	return g.stagings[i], stagingBytes[i] - statusBytes, nil
}

// sync waits for everything that was submitted and tells whether it ran.
func (g *gpu) sync() error { return g.read(nil, span{}) }

// read copies a span of the same length to dst. Neither the offset nor the length need be multiples of 4.
func (g *gpu) read(dst []byte, src span) error {
	b, room, err := g.staging(src.bytes + 8)
	if err != nil {
		return err
	}
	for {
		n := min(src.bytes, room-8)
		if err := g.readPart(dst[:n], span{src.buffer, src.offset, n}, b); err != nil {
			return err
		}
		dst, src.offset, src.bytes = dst[n:], src.offset+n, src.bytes-n
		if src.bytes == 0 {
			return nil
		}
	}
}

// readPart reads what fits in the staging buffer, and the status words, which are checked first.
func (g *gpu) readPart(dst []byte, src span, staging *wgpu.Buffer) error {
	words := src.words()
	copies := []transfer{{src: g.status.span(), dst: staging}}
	if src.bytes > 0 {
		copies = append(copies, transfer{words, staging, statusBytes})
	}
	if _, err := g.submit(nil, 0, 0, copies...); err != nil {
		return err
	}
	return g.withMapped(staging, statusBytes+words.bytes, func(data []byte) error {
		if err := g.status.check(data[:statusBytes]); err != nil {
			return err
		}
		copy(dst, data[statusBytes+src.offset-words.offset:])
		return nil
	})
}

// words returns the span widened to whole 32-bit words.
func (s span) words() span {
	begin, end := s.offset&^3, (s.offset+s.bytes+3)&^3
	return span{s.buffer, begin, end - begin}
}

// withMapped calls use with the first bytes of a staging buffer, after everything that was submitted.
func (g *gpu) withMapped(b *wgpu.Buffer, bytes int64, use func([]byte) error) error {
	if err := g.mapBytes(b, bytes); err != nil {
		return fmt.Errorf("%w: reading: %w", errFailed, err)
	}
	view, err := b.MappedRange(0, uint64(bytes))
	if err != nil {
		return fmt.Errorf("%w: reading: %w", errFailed, err)
	}
	data := view.Bytes()
	if int64(len(data)) < bytes {
		return fmt.Errorf("%w: reading: %d of %d bytes", errFailed, len(data), bytes)
	}
	err = use(data)
	view.Release()
	if unmapped := b.Unmap(); unmapped != nil {
		return fmt.Errorf("%w: reading: %w", errFailed, unmapped)
	}
	return err
}
