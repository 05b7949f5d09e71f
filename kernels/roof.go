package kernels

import (
	"errors"
	"fmt"
	"time"

	"github.com/gradus-ml/gradus/engine/backend"
)

const (
	roofThreads = 1 << 16
	roofFlops   = 256 * 16 * 4 * 2 // of a thread of roof.wgsl: rounds, lines, lanes
	// roofTime is how long a measurement takes at least, so that submitting it costs nothing.
	roofTime = 20 * time.Millisecond
	// roofRounds follow the last that was faster than all before it by roofGain: cards raise their clocks under load.
	roofRounds = 3
	roofGain   = 0.02
	// roofMost is how long a measurement goes on at most.
	roofMost = 2 * time.Second
)

// roofCopies are sizes of copies: what a group's caches hold, what the device's hold, and more; as far as a binding goes.
var roofCopies = []int64{512 << 10, 8 << 20, 128 << 20}

// Roof implements backend.Roofed: a kernel of multiply-adds between registers, and copies, the fastest of rounds that have come to be alike.
func (d *device) Roof() (roof backend.Roof, err error) {
	y, err := d.Alloc(backend.F32, roofThreads)
	if err != nil {
		return roof, err
	}
	defer y.Release()
	seconds, err := d.fastest(elementwise("roof", roofThreads, f32(0.999), f32(1e-3)), y)
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
	seconds, err := d.fastest(elementwise("roof_copy", n/4).several(), x, y)
	return backend.Copy{Bytes: bytes, PerSecond: float64(bytes) / seconds}, err
}

// fastest returns the seconds that the launch takes on buffers, in the order of the kernel's bindings.
func (d *device) fastest(l launch, buffers ...backend.Buffer) (best float64, err error) {
	one := planOf(l.shader, l.on(d.emulated), d.inRow)
	for _, b := range buffers {
		one.spans = append(one.spans, spanOf(backend.Whole(b)).words())
	}
	p := &program{device: d, pace: newPace()}
	if err := d.owner.do(func() error { return p.build([]plan{one}) }); err != nil {
		return 0, fmt.Errorf("kernels: roof: %w", err)
	}
	defer p.Release()
	times := 1
	for took := time.Duration(0); took < roofTime; times *= 2 {
		if took, err = p.timed(times); err != nil {
			return 0, err
		}
	}
	for began, alike := time.Now(), 0; alike < roofRounds && time.Since(began) < roofMost; alike++ {
		took, err := p.timed(times)
		if err != nil {
			return 0, err
		}
		s := took.Seconds() / float64(times)
		if best == 0 || s < best*(1-roofGain) {
			alike = 0
		}
		if best == 0 || s < best {
			best = s
		}
	}
	return best, nil
}

// timed returns how long so many runs take.
func (p *program) timed(times int) (time.Duration, error) {
	start := time.Now()
	if err := errors.Join(p.Run(times), p.device.Sync()); err != nil {
		return 0, fmt.Errorf("kernels: roof: %w", err)
	}
	return time.Since(start), nil
}
