package kernels

import (
	"github.com/gradus-ml/gradus/engine/backend"
)

// Options change what OpenWith opens.
type Options struct {
	Software bool // take a software driver such as lavapipe, which computes the same, but slowly, where there is no GPU
	Unfused  bool // launch a kernel for each operation, to compare with
}

// Open opens the fastest GPU of this machine. It refuses, with the reason, where there is only a software driver that
// emulates one on the CPU: the cpu backend is faster.
func Open() (backend.Backend, error) { return OpenWith(Options{}) }

// OpenAny opens a GPU or, where there is none, a software driver.
func OpenAny() (backend.Backend, error) { return OpenWith(Options{Software: true}) }

// OpenWith opens a GPU with options.
func OpenWith(o Options) (backend.Backend, error) {
	d := &device{owner: newOwner(), inRow: maxGroups, unfused: o.Unfused}
	err := d.owner.do(func() error {
		g, err := openGPU(o.Software)
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
