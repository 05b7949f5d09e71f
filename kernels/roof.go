package kernels

import (
	"errors"
	"fmt"
	"time"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

const (
	roofThreads = 1 << 16
	roofFlops   = 256 * 16 * 4 * 2 // of a thread of roof.wgsl: rounds, lines, lanes
	// roofTime is how long a measurement takes at least, so that submitting it costs nothing.
	roofTime   = 20 * time.Millisecond
	roofRounds = 3
)

// roofCopies are sizes of copies: what a group's caches hold, what the device's hold, and more; as far as a binding goes.
var roofCopies = []int64{512 << 10, 8 << 20, 128 << 20}

// Roof implements backend.Roofed: a kernel of multiply-adds between registers, and copies, the fastest of some rounds.
func (d *device) Roof() (roof backend.Roof, err error) {
	y, err := d.Alloc(backend.F32, roofThreads)
	if err != nil {
		return roof, err
	}
	defer y.Release()
	one := planOf("roof", elementwise("roof", roofThreads, f32(0.999), f32(1e-3)), d.inRow)
	one.spans = []span{spanOf(backend.Whole(y)).words()}
	p := &program{device: d, pace: newPace()}
	if err := d.owner.do(func() error { return p.build([]plan{one}) }); err != nil {
		return roof, fmt.Errorf("kernels: roof: %w", err)
	}
	seconds, err := d.fastest(p)
	if err != nil {
		return roof, err
	}
	roof.FLOPs = roofThreads * roofFlops / seconds
	for _, bytes := range roofCopies {
		if bytes/2 > d.gpu.info.Limits.BindingBytes {
			break
		}
		c, err := d.copies(bytes)
		if err != nil {
			return roof, err
		}
		roof.Copies = append(roof.Copies, c)
	}
	return roof, nil
}

// copies times copies that read and write so many bytes.
func (d *device) copies(bytes int64) (_ backend.Copy, err error) {
	n := int(bytes / 8)
	x, err := d.Alloc(backend.F32, n)
	if err != nil {
		return backend.Copy{}, err
	}
	defer x.Release()
	y, err := d.Alloc(backend.F32, n)
	if err != nil {
		return backend.Copy{}, err
	}
	defer y.Release()
	p, err := d.Compile([]backend.Op{ops.Activation{X: backend.Whole(x), Y: backend.Whole(y), N: n, Function: ops.Identity}})
	if err != nil {
		return backend.Copy{}, err
	}
	seconds, err := d.fastest(p)
	return backend.Copy{Bytes: bytes, PerSecond: float64(bytes) / seconds}, err
}

// fastest returns the seconds that running the program takes, and releases it.
func (d *device) fastest(p backend.Program) (best float64, err error) {
	defer p.Release()
	for times, round := 1, 0; round < roofRounds; {
		start := time.Now()
		if err := errors.Join(p.Run(times), d.Sync()); err != nil {
			return 0, fmt.Errorf("kernels: roof: %w", err)
		}
		took := time.Since(start)
		if took < roofTime {
			times *= 2
			continue
		}
		if s := took.Seconds() / float64(times); best == 0 || s < best {
			best = s
		}
		round++
	}
	return best, nil
}
