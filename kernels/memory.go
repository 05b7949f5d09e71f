package kernels

import (
	"fmt"
	"math/bits"
	"sync/atomic"

	"github.com/gogpu/wgpu"

	"github.com/gradus-ml/gradus/engine/backend"
)

// buffer implements backend.Buffer: a block that is lent until Release.
type buffer struct {
	device   *device
	block    *block
	kind     backend.Kind
	n        int
	released atomic.Bool

	transient bool // nobody reads it after a run
}

// MarkTransient implements backend.Transient.
func (b *buffer) MarkTransient() { b.transient = true }

// IsTransient implements backend.Transient.
func (b *buffer) IsTransient() bool { return b.transient }

// Kind implements backend.Buffer.
func (b *buffer) Kind() backend.Kind { return b.kind }

// Len implements backend.Buffer.
func (b *buffer) Len() int { return b.n }

// Release implements backend.Buffer.
func (b *buffer) Release() {
	if b.released.CompareAndSwap(false, true) {
		// The owner refuses only when the device is closed or failed, and then nothing is recycled.
		_ = b.device.owner.enqueue(func() error { b.device.memory.give(b.block); return nil })
	}
}

// Alloc implements backend.Backend.
func (d *device) Alloc(kind backend.Kind, n int) (backend.Buffer, error) {
	if n < 1 || kind > backend.U8 {
		return nil, fmt.Errorf("kernels: alloc: %d elements of %v, want at least 1 of f32, u32 or u8", n, kind)
	}
	size, limit := int64(kind.Size()), d.gpu.info.Limits.BufferBytes
	if int64(n) > (limit&^3)/size {
		return nil, fmt.Errorf("kernels: alloc: %d %v take %.0f bytes, but a buffer of %s holds at most %d: %w",
			n, kind, float64(n)*float64(size), d.gpu.info.Device, limit, backend.ErrOutOfMemory)
	}
	b := &buffer{device: d, kind: kind, n: n}
	err := d.owner.do(func() (err error) { b.block, err = d.memory.take(int64(n) * size); return err })
	if err != nil {
		return nil, err
	}
	return b, nil
}

// A block is device memory that is lent out again and again.
type block struct {
	buffer *wgpu.Buffer
	bytes  int64
	clear  []command // sets it to zero
}

// memory lends blocks by size class and parameter slots. It is for the owner's goroutine.
type memory struct {
	gpu  *gpu
	free map[int64][]*block
	slots
}

func newMemory(g *gpu) *memory {
	return &memory{gpu: g, free: map[int64][]*block{}, slots: slots{gpu: g}}
}

// take returns a block of at least so many bytes, all zero.
func (m *memory) take(bytes int64) (*block, error) {
	b, err := m.find(sizeClass(bytes, m.gpu.info.Limits.BufferBytes))
	if err != nil {
		return nil, err
	}
	if _, err := m.gpu.submit(b.clear, 0, len(b.clear)); err != nil {
		return nil, err
	}
	return b, nil
}

func (m *memory) find(class int64) (*block, error) {
	if list := m.free[class]; len(list) > 0 {
		m.free[class] = list[:len(list)-1]
		return list[len(list)-1], nil
	}
	raw, err := m.gpu.newBuffer(class, deviceUsage)
	if err != nil {
		return nil, err
	}
	b := &block{buffer: raw, bytes: class}
	step := m.gpu.info.Limits.BindingBytes &^ (backend.Alignment - 1)
	for at := int64(0); at < class; at += step {
		c, _, err := m.prepare(fill(span{raw, at, min(step, class-at)}))
		if err != nil {
			return nil, err
		}
		b.clear = append(b.clear, c)
	}
	return b, nil
}

func (m *memory) give(b *block) { m.free[b.bytes] = append(m.free[b.bytes], b) }

// sizeClass rounds a size up to one of eight steps between powers of two, at least 256, so that blocks fit again.
func sizeClass(bytes, limit int64) int64 {
	const least = 256
	if bytes <= least {
		return least
	}
	step := int64(1) << max(bits.Len64(uint64(bytes-1))-4, 8)
	return min((bytes+step-1)/step*step, limit&^3)
}
