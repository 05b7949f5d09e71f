package kernels

import (
	"context"
	"fmt"

	"github.com/gogpu/gputypes"
	"github.com/gogpu/wgpu"

	"github.com/gradus-ml/gradus/shaders"
)

// gpu is the WebGPU device. This file and open.go hold all calls of the binding; only the owner's goroutine makes them.
type gpu struct {
	instance  *wgpu.Instance
	adapter   *wgpu.Adapter
	device    *wgpu.Device
	queue     *wgpu.Queue
	info      gputypes.AdapterInfo
	limits    gputypes.Limits
	pipelines map[pipelineKey]*pipeline
	buffers   []*wgpu.Buffer // all ever made: none may be collected before release
	groups    map[*wgpu.BindGroup]bool
	staging   *wgpu.Buffer
	unordered bool // something was written since the last submission
}

// pipelineKey tells compiled kernels apart.
type pipelineKey struct{ shader, constants string }

type pipeline struct {
	module   *wgpu.ShaderModule
	group    *wgpu.BindGroupLayout
	layout   *wgpu.PipelineLayout
	pipeline *wgpu.ComputePipeline
}

// buffer makes a buffer of the given bytes. Its content is undefined.
func (g *gpu) buffer(label string, bytes uint64, usage gputypes.BufferUsage) (*wgpu.Buffer, error) {
	if bytes > g.limits.MaxBufferSize {
		return nil, fmt.Errorf("a buffer of %d bytes, but the device holds at most %d in one", bytes, g.limits.MaxBufferSize)
	}
	b, err := g.device.CreateBuffer(&wgpu.BufferDescriptor{Label: label, Size: bytes, Usage: usage})
	if err != nil {
		return nil, fmt.Errorf("a buffer of %d bytes: %w", bytes, err)
	}
	g.buffers = append(g.buffers, b)
	return b, nil
}

// write copies data, a multiple of 4 bytes, to an offset that is one too.
func (g *gpu) write(b *wgpu.Buffer, offset uint64, data []byte) error {
	g.unordered = true
	return g.queue.WriteBuffer(b, offset, data)
}

// flush orders what was written before what is submitted next: within one submission nothing does.
func (g *gpu) flush() error {
	if !g.unordered {
		return nil
	}
	g.unordered = false
	_, err := g.queue.Submit()
	return err
}

// dispatch is one kernel to run.
type dispatch struct {
	pipeline *pipeline
	group    *wgpu.BindGroup
	slot     binding // of its parameters
	x, y     uint32
}

// encode records the dispatches, in order.
func (g *gpu) encode(times int, list []dispatch, last dispatch) (*wgpu.CommandBuffer, error) {
	encoder, err := g.device.CreateCommandEncoder(&wgpu.CommandEncoderDescriptor{Label: "steps"})
	if err != nil {
		return nil, err
	}
	pass, err := encoder.BeginComputePass(&wgpu.ComputePassDescriptor{Label: "steps"})
	if err != nil {
		encoder.DiscardEncoding()
		return nil, err
	}
	for range times {
		for i := range list {
			list[i].record(pass)
		}
	}
	last.record(pass)
	if err := pass.End(); err != nil {
		encoder.DiscardEncoding()
		return nil, err
	}
	return encoder.Finish()
}

func (d *dispatch) record(pass *wgpu.ComputePassEncoder) {
	pass.SetPipeline(d.pipeline.pipeline)
	pass.SetBindGroup(0, d.group, nil)
	pass.Dispatch(d.x, d.y, 1)
}

// submit hands a recording to the device.
func (g *gpu) submit(commands *wgpu.CommandBuffer) error {
	if err := g.flush(); err != nil {
		return err
	}
	_, err := g.queue.Submit(commands)
	return err
}

// read waits for all work, then copies bytes from src and the status word behind it. All sizes are multiples of 4.
func (g *gpu) read(dst []byte, src *wgpu.Buffer, offset uint64, status *wgpu.Buffer) (done uint32, err error) {
	size := uint64(len(dst))
	statusAt := (size + 7) / 8 * 8
	if err := g.growStaging(statusAt + 8); err != nil {
		return 0, err
	}
	encoder, err := g.device.CreateCommandEncoder(&wgpu.CommandEncoderDescriptor{Label: "read"})
	if err != nil {
		return 0, err
	}
	if size > 0 {
		encoder.CopyBufferToBuffer(src, offset, g.staging, 0, size)
	}
	encoder.CopyBufferToBuffer(status, 0, g.staging, statusAt, 4)
	commands, err := encoder.Finish()
	if err != nil {
		return 0, err
	}
	if err := g.submit(commands); err != nil {
		return 0, err
	}
	if err := g.staging.Map(context.Background(), wgpu.MapModeRead, 0, statusAt+8); err != nil {
		return 0, err
	}
	defer g.staging.Unmap()
	mapped, err := g.staging.MappedRange(0, statusAt+8)
	if err != nil {
		return 0, err
	}
	defer mapped.Release()
	bytes := mapped.Bytes()
	if uint64(len(bytes)) < statusAt+4 {
		return 0, fmt.Errorf("mapped %d bytes, want %d", len(bytes), statusAt+8)
	}
	copy(dst, bytes)
	word := bytes[statusAt:]
	return uint32(word[0]) | uint32(word[1])<<8 | uint32(word[2])<<16 | uint32(word[3])<<24, nil
}

func (g *gpu) growStaging(bytes uint64) error {
	if g.staging != nil && g.staging.Size() >= bytes {
		return nil
	}
	size := uint64(1 << 16)
	for size < bytes {
		size *= 2
	}
	staging, err := g.buffer("staging", size, gputypes.BufferUsageMapRead|gputypes.BufferUsageCopyDst)
	if err == nil {
		g.staging = staging
	}
	return err
}

// compile returns the pipeline of a kernel whose bindings are storage buffers, written or not, and one uniform buffer.
func (g *gpu) compile(l *launch) (*pipeline, error) {
	key := pipelineKey{l.shader, fmt.Sprint(l.constants)}
	if p, ok := g.pipelines[key]; ok {
		return p, nil
	}
	source, err := shaders.Source(l.shader, l.constants...)
	if err != nil {
		return nil, err
	}
	descriptor, err := module(l.shader, source)
	if err != nil {
		return nil, err
	}
	p := &pipeline{}
	g.pipelines[key] = p // also when it fails half-way: release frees what there is
	if err := p.build(g.device, l, descriptor); err != nil {
		delete(g.pipelines, key)
		p.release()
		return nil, err
	}
	return p, nil
}

func (p *pipeline) build(device *wgpu.Device, l *launch, descriptor *wgpu.ShaderModuleDescriptor) (err error) {
	if p.module, err = device.CreateShaderModule(descriptor); err != nil {
		return err
	}
	var entries []gputypes.BindGroupLayoutEntry
	for i, o := range l.operands {
		kind := gputypes.BufferBindingTypeReadOnlyStorage
		if o.Access.Writes() {
			kind = gputypes.BufferBindingTypeStorage
		}
		entries = append(entries, layoutEntry(i, kind))
	}
	entries = append(entries, layoutEntry(len(l.operands), gputypes.BufferBindingTypeUniform))
	if p.group, err = device.CreateBindGroupLayout(&wgpu.BindGroupLayoutDescriptor{Label: l.shader, Entries: entries}); err != nil {
		return err
	}
	layout := &wgpu.PipelineLayoutDescriptor{Label: l.shader, BindGroupLayouts: []*wgpu.BindGroupLayout{p.group}}
	if p.layout, err = device.CreatePipelineLayout(layout); err != nil {
		return err
	}
	p.pipeline, err = device.CreateComputePipeline(&wgpu.ComputePipelineDescriptor{
		Label: l.shader, Layout: p.layout, Module: p.module, EntryPoint: "main"})
	return err
}

func layoutEntry(binding int, kind gputypes.BufferBindingType) gputypes.BindGroupLayoutEntry {
	return gputypes.BindGroupLayoutEntry{Binding: uint32(binding), Visibility: gputypes.ShaderStageCompute,
		Buffer: &gputypes.BufferBindingLayout{Type: kind}}
}

func (p *pipeline) release() {
	if p.pipeline != nil {
		p.pipeline.Release()
	}
	if p.layout != nil {
		p.layout.Release()
	}
	if p.group != nil {
		p.group.Release()
	}
	if p.module != nil {
		p.module.Release()
	}
}

// binding is a part of a buffer, in bytes.
type binding struct {
	buffer       *wgpu.Buffer
	offset, size uint64
}

// bind makes the bind group of a kernel.
func (g *gpu) bind(p *pipeline, label string, bindings []binding) (*wgpu.BindGroup, error) {
	var entries []wgpu.BindGroupEntry
	for i, b := range bindings {
		entries = append(entries, wgpu.BindGroupEntry{Binding: uint32(i), Buffer: b.buffer, Offset: b.offset, Size: b.size})
	}
	group, err := g.device.CreateBindGroup(&wgpu.BindGroupDescriptor{Label: label, Layout: p.group, Entries: entries})
	if err == nil {
		g.groups[group] = true
	}
	return group, err
}

// unbind frees a bind group that no work uses any more.
func (g *gpu) unbind(group *wgpu.BindGroup) {
	delete(g.groups, group)
	group.Release()
}

// idle waits for the device, where the platform can.
func (g *gpu) idle() error { return g.device.WaitIdle() }

// release frees everything; no work may be under way.
func (g *gpu) release() {
	for group := range g.groups {
		group.Release()
	}
	for _, p := range g.pipelines {
		p.release()
	}
	for _, b := range g.buffers {
		b.Release()
	}
	if g.device != nil {
		g.device.Release()
	}
	if g.adapter != nil {
		g.adapter.Release()
	}
	if g.instance != nil {
		g.instance.Release()
	}
}
