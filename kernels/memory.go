package kernels

import (
	"fmt"

	"github.com/gogpu/gputypes"
	"github.com/gogpu/wgpu"

	"github.com/gradus-ml/gradus/engine/backend"
)

// memory is a WebGPU buffer that serves one buffer of the contract after the other.
type memory struct {
	buffer *wgpu.Buffer
	bytes  uint64
	zero   dispatch // fills it with zeros
}

// memoryStep is the least size of memory and what every size is a multiple of.
const memoryStep = 256

// sizeClass rounds up to a size of which few exist, so that memory can be used again: at most a quarter more.
func sizeClass(bytes, limit uint64) uint64 {
	step := uint64(memoryStep)
	for step*8 <= bytes {
		step *= 2
	}
	size := (bytes + step - 1) / step * step
	if size > limit && bytes <= limit {
		return limit / 4 * 4
	}
	return size
}

// memory returns memory of the size, new or used before.
func (b *Backend) memory(bytes uint64) (*memory, error) {
	size := sizeClass(bytes, b.gpu.limits.MaxBufferSize)
	if free := b.memories[size]; len(free) > 0 {
		m := free[len(free)-1]
		b.memories[size] = free[:len(free)-1]
		return m, nil
	}
	made, err := b.gpu.buffer("memory", size, storage)
	if err != nil {
		return nil, err
	}
	m := &memory{buffer: made, bytes: size}
	return m, b.prepareZero(m)
}

// prepareZero makes the dispatch that zeroes the memory, as far as one binding reaches.
func (b *Backend) prepareZero(m *memory) (err error) {
	words := int(min(m.bytes, uint64(b.info.Limits.BindingBytes)) / 4)
	l := launch{shader: "fill", operands: []backend.Operand{{Name: "data", Access: backend.Write,
		Region: backend.Whole(&buffer{b, backend.U32, words, m})}}}
	l.elements(words)
	m.zero, err = b.dispatch(l)
	return err
}

// buffer is a buffer of the contract.
type buffer struct {
	owner  *Backend
	kind   backend.Kind
	n      int
	memory *memory
}

func (b *buffer) Kind() backend.Kind { return b.kind }
func (b *buffer) Len() int           { return b.n }

// Release puts the memory back among the free. Work that still uses it has been enqueued before whatever comes next.
func (b *buffer) Release() {
	_ = b.owner.do(func() error { // after Close, or a failure, there is nothing to put back
		if m := b.memory; m != nil {
			b.memory = nil
			b.owner.memories[m.bytes] = append(b.owner.memories[m.bytes], m)
		}
		return nil
	})
}

// Alloc implements backend.Backend.
func (b *Backend) Alloc(kind backend.Kind, n int) (backend.Buffer, error) {
	if n < 1 || kind > backend.U8 {
		return nil, fmt.Errorf("kernels: alloc: %d elements of %v, want at least 1 of f32, u32 or u8", n, kind)
	}
	made := &buffer{owner: b, kind: kind, n: n}
	err := b.do(func() (err error) {
		bytes := (uint64(n)*uint64(kind.Size()) + 3) / 4 * 4
		if made.memory, err = b.memory(bytes); err != nil {
			return fmt.Errorf("kernels: alloc of %d %v: %w", n, kind, err)
		}
		return b.enqueue([]dispatch{made.memory.zero}, 1, nil)
	})
	if err != nil {
		return nil, err
	}
	return made, nil
}

// place finds a region's memory, if it is this backend's and as long as wanted.
func (b *Backend) place(r backend.Region, bytes int) (*memory, error) {
	if err := r.Valid(); err != nil {
		return nil, fmt.Errorf("kernels: %w", err)
	}
	buf, ok := r.Buffer.(*buffer)
	switch {
	case !ok || buf.owner != b:
		return nil, errForeign
	case buf.memory == nil:
		return nil, errReleased
	case int64(bytes) != r.Bytes():
		return nil, fmt.Errorf("kernels: %d bytes for a region of %d", bytes, r.Bytes())
	}
	return buf.memory, nil
}

var (
	errForeign  = fmt.Errorf("kernels: the buffer is another backend's")
	errReleased = fmt.Errorf("kernels: the buffer has been released")
)

// span is the whole words that hold a region: WebGPU copies no less.
type span struct {
	first, bytes uint64 // of the words
	head         int    // bytes of the first word before the region
}

func spanOf(r backend.Region) span {
	from := uint64(r.Offset) * uint64(r.Kind().Size())
	first := from / 4 * 4
	return span{first, (from+uint64(r.Bytes())+3)/4*4 - first, int(from - first)}
}

// Write implements backend.Backend.
func (b *Backend) Write(dst backend.Region, src []byte) error {
	return b.do(func() error {
		m, err := b.place(dst, len(src))
		if err != nil {
			return err
		}
		s := spanOf(dst)
		if s.bytes != uint64(len(src)) { // some bytes of its words are others'
			words := make([]byte, s.bytes)
			if err := b.fetch(words, m, s.first); err != nil {
				return err
			}
			copy(words[s.head:], src)
			src = words
		}
		if err := b.gpu.write(m.buffer, s.first, src); err != nil {
			return b.fail("writing", err)
		}
		return nil
	})
}

// Read implements backend.Backend.
func (b *Backend) Read(dst []byte, src backend.Region) error {
	return b.do(func() error {
		m, err := b.place(src, len(dst))
		if err != nil {
			return err
		}
		s := spanOf(src)
		if s.bytes == uint64(len(dst)) {
			return b.fetch(dst, m, s.first)
		}
		words := make([]byte, s.bytes)
		if err := b.fetch(words, m, s.first); err != nil {
			return err
		}
		copy(dst, words[s.head:])
		return nil
	})
}

// slots hands out places for the parameters of kernels, 256 bytes each, in uniform buffers.
type slots struct {
	gpu  *gpu
	free []binding
}

const (
	slotBytes    = 256
	slotsPerPage = 256
)

func (s *slots) take() (binding, error) {
	if len(s.free) == 0 {
		page, err := s.gpu.buffer("parameters", slotBytes*slotsPerPage, gputypes.BufferUsageUniform|gputypes.BufferUsageCopyDst)
		if err != nil {
			return binding{}, err
		}
		for i := slotsPerPage - 1; i >= 0; i-- {
			s.free = append(s.free, binding{page, uint64(i) * slotBytes, slotBytes})
		}
	}
	slot := s.free[len(s.free)-1]
	s.free = s.free[:len(s.free)-1]
	return slot, nil
}

func (s *slots) put(slot binding) { s.free = append(s.free, slot) }
