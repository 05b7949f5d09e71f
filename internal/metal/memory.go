//go:build linux

package metal

import (
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

const (
	addressSpace = 64 << 30 // bytes, of which those are taken that are used
	pageBytes    = 4096
	alignment    = 256 // of a buffer's beginning
	garbage      = 0xa5
)

// memory is a file without a name, that the runner maps too. Buffers lie in it one after the other, each before a page
// that the runner must not touch.
type memory struct {
	file  *os.File
	bytes []byte
	used  uint64
}

func newMemory() (*memory, error) {
	fd, err := unix.MemfdCreate("gradus-metal", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("metal: shared memory: %w", err)
	}
	m := &memory{file: os.NewFile(uintptr(fd), "gradus-metal")}
	if err := m.file.Truncate(addressSpace); err != nil {
		return nil, fmt.Errorf("metal: shared memory: %w", err)
	}
	m.bytes, err = syscall.Mmap(fd, 0, addressSpace, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED|syscall.MAP_NORESERVE)
	if err != nil {
		return nil, fmt.Errorf("metal: shared memory: %w", err)
	}
	return m, nil
}

// alloc returns where a new buffer begins, full of garbage, and where the page after it begins.
func (m *memory) alloc(size uint64) (offset, guard uint64, err error) {
	guard = up(m.used+up(size, alignment), pageBytes)
	if guard+pageBytes > addressSpace {
		return 0, 0, fmt.Errorf("metal: out of memory: %d bytes more than %d", size, m.used)
	}
	m.used, offset = guard+pageBytes, guard-up(size, alignment)
	for i := range m.bytes[offset:guard] {
		m.bytes[offset+uint64(i)] = garbage
	}
	return offset, guard, nil
}

func up(n, step uint64) uint64 { return (n + step - 1) / step * step }

func (m *memory) close() error {
	err := syscall.Munmap(m.bytes)
	if closed := m.file.Close(); err == nil {
		err = closed
	}
	return err
}
