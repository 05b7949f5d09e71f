//go:build linux

package metal

import (
	"errors"
	"fmt"
	"math"

	"github.com/gogpu/gputypes"
	"github.com/gogpu/wgpu/hal"
	"github.com/gogpu/wgpu/hal/noop"
)

// commands implements hal.CommandBuffer: what is done when it is submitted.
type commands struct {
	noop.Resource
	list []func() error
}

// encoder implements hal.CommandEncoder.
type encoder struct {
	noop.CommandEncoder
	device *device
	list   []func() error
}

// BeginEncoding implements hal.CommandEncoder.
func (e *encoder) BeginEncoding(string) error { e.list = nil; return nil }

// EndEncoding implements hal.CommandEncoder.
func (e *encoder) EndEncoding() (hal.CommandBuffer, error) {
	c := &commands{list: e.list}
	e.list = nil
	return c, nil
}

// DiscardEncoding implements hal.CommandEncoder.
func (e *encoder) DiscardEncoding() { e.list = nil }

// ClearBuffer implements hal.CommandEncoder.
func (e *encoder) ClearBuffer(b hal.Buffer, offset, size uint64) {
	e.onHost(func() error {
		part, err := e.device.bytes(b, offset, size)
		clear(part)
		return err
	})
}

// CopyBufferToBuffer implements hal.CommandEncoder.
func (e *encoder) CopyBufferToBuffer(src, dst hal.Buffer, regions []hal.BufferCopy) {
	regions = append([]hal.BufferCopy(nil), regions...)
	e.onHost(func() error {
		for _, r := range regions {
			from, err := e.device.bytes(src, r.SrcOffset, r.Size)
			if err != nil {
				return err
			}
			to, err := e.device.bytes(dst, r.DstOffset, r.Size)
			if err != nil {
				return err
			}
			copy(to, from)
		}
		return nil
	})
}

// onHost adds what is done here, after the kernels before.
func (e *encoder) onHost(f func() error) {
	e.list = append(e.list, func() error { return errors.Join(e.device.runner.sync(), f()) })
}

// BeginComputePass implements hal.CommandEncoder.
func (e *encoder) BeginComputePass(*hal.ComputePassDescriptor) hal.ComputePassEncoder {
	return &pass{encoder: e}
}

// pass implements hal.ComputePassEncoder.
type pass struct {
	noop.ComputePassEncoder
	encoder  *encoder
	pipeline *pipeline
	group    *group
}

// SetPipeline implements hal.ComputePassEncoder.
func (p *pass) SetPipeline(c hal.ComputePipeline) { p.pipeline = c.(*pipeline) }

// SetBindGroup implements hal.ComputePassEncoder.
func (p *pass) SetBindGroup(_ uint32, g hal.BindGroup, _ []uint32) { p.group = g.(*group) }

// Dispatch implements hal.ComputePassEncoder.
func (p *pass) Dispatch(x, y, z uint32) {
	kernel, bound, r := p.pipeline, p.group, p.encoder.device.runner
	p.encoder.list = append(p.encoder.list, func() error {
		if kernel == nil || bound == nil {
			return fmt.Errorf("metal: a dispatch without a pipeline or its buffers")
		}
		r.send(commandRun, kernel.kernel, x, y, z, bound.offsets(), kernel.bufferSizes(bound))
		return nil
	})
}

// offsets returns the number of buffers and where each begins. Metal numbers them as they come.
func (g *group) offsets() []byte {
	w := words{}
	w.u32(uint32(len(g.entries)))
	for _, e := range g.entries {
		b := e.Resource.(gputypes.BufferBinding)
		w.u64(uint64(b.Buffer) + b.Offset)
	}
	return w
}

// bufferSizes returns the number and the words of the buffer of sizes, which follows the others (hal/metal, encoder.go, bindBufferSizes).
func (p *pipeline) bufferSizes(g *group) []byte {
	w := words{}
	w.u32(uint32(len(p.sizes)))
	for _, s := range p.sizes {
		size := uint64(0)
		for _, e := range g.entries {
			if e.Binding == s.Binding {
				size = e.Resource.(gputypes.BufferBinding).Size
			}
		}
		w.u32(uint32(min(size, math.MaxUint32)))
	}
	return w
}

// queue implements hal.Queue. Submit returns when the work is done.
type queue struct {
	noop.Queue
	device    *device
	submitted uint64
}

// Submit implements hal.Queue.
func (q *queue) Submit(list []hal.CommandBuffer) (uint64, error) {
	q.submitted++
	for _, c := range list {
		for _, do := range c.(*commands).list {
			if err := do(); err != nil {
				return q.submitted, err
			}
		}
	}
	return q.submitted, q.device.runner.sync()
}

// PollCompleted implements hal.Queue.
func (q *queue) PollCompleted() uint64 { return q.submitted }

// WriteBuffer implements hal.Queue.
func (q *queue) WriteBuffer(b hal.Buffer, offset uint64, data []byte) error {
	part, err := q.device.bytes(b, offset, uint64(len(data)))
	copy(part, data)
	return err
}

// SupportsCommandBufferCopies implements hal.Queue.
func (*queue) SupportsCommandBufferCopies() bool { return true }
