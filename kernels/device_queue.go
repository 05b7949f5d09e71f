package kernels

import (
	"fmt"

	"github.com/gogpu/wgpu"
)

// A command is one dispatch, ready to be recorded.
type command struct {
	pipeline *pipeline
	group    *wgpu.BindGroup
	groups   grid
}

// write has data written before whatever is submitted next. Offset and length are multiples of 4.
func (g *gpu) write(b *wgpu.Buffer, offset int64, data []byte) error {
	if err := g.queue.WriteBuffer(b, uint64(offset), data); err != nil {
		return fmt.Errorf("kernels: write: %w", err)
	}
	g.written = true
	return nil
}

// flush submits what was written by itself: within one submission, kernels could run before the data is there.
// Without anything written, the binding would forget its last submission.
func (g *gpu) flush() error {
	if !g.written {
		return nil
	}
	g.written = false
	if _, err := g.queue.Submit(); err != nil {
		return fmt.Errorf("%w: write: %w", errFailed, err)
	}
	return nil
}

// submit has n commands run, beginning at list[first] and beginning the list anew at its end, then counts the submission and
// makes the copies. It returns the submission's index.
func (g *gpu) submit(list []command, first, n int, copies ...transfer) (uint64, error) {
	if err := g.flush(); err != nil {
		return 0, err
	}
	encoder, err := g.device.CreateCommandEncoder(nil)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", errFailed, err)
	}
	buffer, err := g.record(encoder, list, first, n, copies)
	if err != nil {
		return 0, fmt.Errorf("%w: recording: %w", errFailed, err)
	}
	index, err := g.queue.Submit(buffer)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", errFailed, err)
	}
	g.status.submitted()
	return index, nil
}

func (g *gpu) record(encoder *wgpu.CommandEncoder, list []command, first, n int, copies []transfer) (*wgpu.CommandBuffer, error) {
	pass, err := encoder.BeginComputePass(nil)
	if err != nil {
		return nil, err
	}
	var current *pipeline
	for i := range n {
		c := &list[(first+i)%len(list)]
		c.record(pass, c.pipeline != current)
		current = c.pipeline
	}
	if counter := g.status.next(); counter != nil {
		counter.record(pass, true)
	}
	if err := pass.End(); err != nil {
		return nil, err
	}
	for _, t := range copies {
		encoder.CopyBufferToBuffer(t.src.buffer, uint64(t.src.offset), t.dst, uint64(t.at), uint64(t.src.bytes))
	}
	return encoder.Finish()
}

func (c *command) record(pass *wgpu.ComputePassEncoder, change bool) {
	if change {
		pass.SetPipeline(c.pipeline.compute)
	}
	pass.SetBindGroup(0, c.group, nil)
	pass.Dispatch(c.groups.x, c.groups.y, 1)
}

// A transfer copies a span to another buffer.
type transfer struct {
	src span
	dst *wgpu.Buffer
	at  int64
}
