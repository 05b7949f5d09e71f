package faulty

import (
	"fmt"

	"github.com/gradus-ml/gradus/engine/backend"
)

// memory is how many bytes a device may still hand out; no bound if it is negative.
type memory struct{ most int64 }

// Bound lets the device hand out at most so many bytes from now on. What is released does not come back.
func (d *Device) Bound(bytes int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.limit.most = bytes
}

func (m *memory) take(kind backend.Kind, n int) error {
	if m.most < 0 {
		return nil
	}
	bytes := int64(n) * int64(kind.Size())
	if bytes > m.most {
		return fmt.Errorf("faulty: alloc: %d %v take %d bytes, and %d are left: %w", n, kind, bytes, m.most, backend.ErrOutOfMemory)
	}
	m.most -= bytes
	return nil
}
