package kernels

import (
	"errors"
	"fmt"

	"github.com/gogpu/gputypes"
	"github.com/gogpu/wgpu"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/shaders"
)

// gpu is an open WebGPU device. Its methods are for the owner's goroutine.
type gpu struct {
	device    *wgpu.Device
	queue     *wgpu.Queue
	info      backend.Info
	pipelines map[string]*pipeline // by shader and constants
	groups    map[*wgpu.BindGroup]bool
	kept      []interface{ Release() } // what lives until close, in the order in which it was made
	status    status
	flight    flight
	stagings  [2]*wgpu.Buffer // a small one and a large one, made when needed
	written   bool            // data was written and not yet submitted
	made      struct{ buffers, groups int }
}

func (g *gpu) keep(r interface{ Release() }) { g.kept = append(g.kept, r) }

// close gives everything back; the device must be idle or lost.
func (g *gpu) close() {
	for group := range g.groups {
		group.Release()
	}
	for i := len(g.kept) - 1; i >= 0; i-- {
		g.kept[i].Release()
	}
	g.kept, g.groups = nil, nil
}

const (
	deviceUsage  = gputypes.BufferUsageStorage | gputypes.BufferUsageCopySrc | gputypes.BufferUsageCopyDst
	paramsUsage  = gputypes.BufferUsageUniform | gputypes.BufferUsageCopyDst
	stagingUsage = gputypes.BufferUsageMapRead | gputypes.BufferUsageCopyDst
)

// newBuffer makes a buffer that is kept until close: giving back one that is still in use crashes.
func (g *gpu) newBuffer(bytes int64, usage gputypes.BufferUsage) (*wgpu.Buffer, error) {
	b, err := g.device.CreateBuffer(&wgpu.BufferDescriptor{Label: "gradus", Size: uint64(bytes), Usage: usage})
	if errors.Is(err, wgpu.ErrOutOfMemory) {
		err = fmt.Errorf("%w: %w", backend.ErrOutOfMemory, err)
	}
	if err != nil {
		return nil, fmt.Errorf("kernels: a buffer of %d bytes: %w", bytes, err)
	}
	g.keep(b)
	g.made.buffers++
	return b, nil
}

// A pipeline is a compiled shader.
type pipeline struct {
	compute  *wgpu.ComputePipeline
	layout   *wgpu.BindGroupLayout
	bindings []shaders.Binding
}

// pipeline compiles a shader, once for each set of constants.
func (g *gpu) pipeline(name string, constants []shaders.Constant) (*pipeline, error) {
	key := fmt.Sprint(name, constants)
	if p, ok := g.pipelines[key]; ok {
		return p, nil
	}
	p, err := g.newPipeline(name, constants)
	if err != nil {
		return nil, fmt.Errorf("kernels: %s.wgsl %v: %w", name, constants, err)
	}
	g.pipelines[key] = p
	return p, nil
}

func (g *gpu) newPipeline(name string, constants []shaders.Constant) (*pipeline, error) {
	source, err := shaders.Source(name, constants...)
	if err != nil {
		return nil, err
	}
	if source, err = shaders.Unroll(source); err != nil {
		return nil, err
	}
	code, err := g.module(name, source)
	if err != nil {
		return nil, err
	}
	module, err := g.device.CreateShaderModule(code)
	if err != nil {
		return nil, err
	}
	g.keep(module)
	p := &pipeline{bindings: shaders.Bindings(source)}
	p.layout, err = g.device.CreateBindGroupLayout(&wgpu.BindGroupLayoutDescriptor{Label: name, Entries: layoutOf(p.bindings)})
	if err != nil {
		return nil, err
	}
	g.keep(p.layout)
	layout, err := g.device.CreatePipelineLayout(&wgpu.PipelineLayoutDescriptor{Label: name, BindGroupLayouts: []*wgpu.BindGroupLayout{p.layout}})
	if err != nil {
		return nil, err
	}
	g.keep(layout)
	p.compute, err = g.device.CreateComputePipeline(&wgpu.ComputePipelineDescriptor{Label: name, Layout: layout, Module: module, EntryPoint: "main"})
	if err != nil {
		return nil, err
	}
	g.keep(p.compute)
	return p, nil
}

func layoutOf(bindings []shaders.Binding) []gputypes.BindGroupLayoutEntry {
	entries := make([]gputypes.BindGroupLayoutEntry, len(bindings))
	for i, b := range bindings {
		kind := gputypes.BufferBindingTypeReadOnlyStorage
		switch {
		case b.Uniform:
			kind = gputypes.BufferBindingTypeUniform
		case b.Writes:
			kind = gputypes.BufferBindingTypeStorage
		}
		entries[i] = gputypes.BindGroupLayoutEntry{Binding: uint32(i), Visibility: wgpu.ShaderStageCompute,
			Buffer: &gputypes.BufferBindingLayout{Type: kind}}
	}
	return entries
}

// A span is a part of a buffer that a kernel is given.
type span struct {
	buffer        *wgpu.Buffer
	offset, bytes int64
}

// bind makes the bind group of a pipeline over the spans, the parameters last.
func (g *gpu) bind(p *pipeline, spans []span) (*wgpu.BindGroup, error) {
	if len(spans) != len(p.bindings) {
		return nil, fmt.Errorf("%d operands for %d bindings", len(spans), len(p.bindings))
	}
	entries := make([]wgpu.BindGroupEntry, len(spans))
	for i, s := range spans {
		entries[i] = wgpu.BindGroupEntry{Binding: uint32(i), Buffer: s.buffer, Offset: uint64(s.offset), Size: uint64(s.bytes)}
	}
	group, err := g.device.CreateBindGroup(&wgpu.BindGroupDescriptor{Layout: p.layout, Entries: entries})
	if err != nil {
		return nil, err
	}
	g.groups[group] = true
	g.made.groups++
	return group, nil
}

// unbind gives a bind group back; the device must be idle.
func (g *gpu) unbind(group *wgpu.BindGroup) {
	delete(g.groups, group)
	group.Release()
}
