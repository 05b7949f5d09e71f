package kernels

import (
	"github.com/gradus-ml/gradus/engine/backend"
)

// Open opens the fastest GPU of this machine. It refuses, with the reason, where there is only a software driver that
// emulates one on the CPU: the cpu backend is faster.
func Open() (backend.Backend, error) { return open(false) }

// OpenAny opens a GPU or, where there is none, a software driver such as lavapipe, which computes the same, but slowly.
func OpenAny() (backend.Backend, error) { return open(true) }

func open(software bool) (backend.Backend, error) {
	d := &device{owner: newOwner(), inRow: maxGroups}
	err := d.owner.do(func() error {
		g, err := openGPU(software)
		if err != nil {
			return err
		}
		d.gpu, d.memory, d.emulated = g, newMemory(g), g.info.Software
		return nil
	})
	if err != nil {
		d.owner.stop(func() error { return nil })
		return nil, err
	}
	return d, nil
}
