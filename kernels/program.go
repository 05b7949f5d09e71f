package kernels

import (
	"fmt"
	"sync/atomic"

	"github.com/gradus-ml/gradus/engine/backend"
)

// program implements backend.Program.
type program struct {
	device   *device
	buffers  []*buffer // each that it uses, once
	commands []command
	slots    []slot
	pace     pace
	released atomic.Bool
}

// uses notes the buffers of an operation.
func (p *program) uses(op backend.Op) {
	for _, o := range op.Operands() {
		b := o.Region.Buffer.(*buffer)
		known := false
		for _, other := range p.buffers {
			known = known || other == b
		}
		if !known {
			p.buffers = append(p.buffers, b)
		}
	}
}

// Run implements backend.Program. It returns when the list is with the device's goroutine.
func (p *program) Run(times int) error {
	if times < 0 {
		return fmt.Errorf("kernels: run %d times, want 0 or more", times)
	}
	if p.released.Load() {
		return fmt.Errorf("kernels: run: the program is released")
	}
	for _, b := range p.buffers {
		if b.released.Load() {
			return fmt.Errorf("kernels: run: a buffer of %d %v that the program uses is released", b.n, b.kind)
		}
	}
	return p.device.owner.enqueue(func() error { return p.run(times) })
}

// run submits the commands in portions that take the device about as long as the pace wants.
func (p *program) run(times int) error {
	g, total := p.device.gpu, times*len(p.commands)
	for at := 0; at < total; {
		if err := g.flight.land(g, maxInFlight-1); err != nil {
			return err
		}
		n := min(p.pace.commands, total-at)
		index, err := g.submit(p.commands, at%len(p.commands), n)
		if err != nil {
			return err
		}
		g.flight.add(index, &p.pace, n)
		at += n
	}
	return nil
}

// Release implements backend.Program.
func (p *program) Release() {
	if p.released.CompareAndSwap(false, true) {
		// The owner refuses only when the device is closed or failed, and then Close gives back or gave back everything.
		_ = p.device.owner.do(func() error {
			if err := p.device.gpu.idle(); err != nil {
				return err
			}
			p.teardown()
			return nil
		})
	}
}

// teardown gives back what build made; the device must be idle.
func (p *program) teardown() {
	for i, c := range p.commands {
		p.device.gpu.unbind(c.group)
		p.device.memory.giveBack(p.slots[i])
	}
	p.commands, p.slots = nil, nil
}
