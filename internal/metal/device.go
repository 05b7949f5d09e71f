//go:build linux

package metal

import (
	"fmt"
	"unsafe"

	"github.com/gogpu/gputypes"
	"github.com/gogpu/naga"
	"github.com/gogpu/naga/ir"
	"github.com/gogpu/wgpu/hal"
	"github.com/gogpu/wgpu/hal/noop"
)

// device implements hal.Device. What kernels do not use does nothing.
type device struct {
	noop.Device
	options Options
	memory  *memory
	runner  *runner
}

func newDevice(o Options) (*device, error) {
	m, err := newMemory()
	if err != nil {
		return nil, err
	}
	r, err := startRunner(m)
	if err != nil {
		_ = m.close()
		return nil, err
	}
	return &device{options: o, memory: m, runner: r}, nil
}

// Destroy implements hal.Device.
func (d *device) Destroy() {
	d.runner.close()
	_ = d.memory.close() // the memory goes with the process at the latest
}

// buffer implements hal.Buffer. Its handle is where it begins in memory.
type buffer struct {
	noop.Resource
	offset, size uint64
}

func (b *buffer) NativeHandle() uintptr { return uintptr(b.offset) }

// CreateBuffer implements hal.Device.
func (d *device) CreateBuffer(desc *hal.BufferDescriptor) (hal.Buffer, error) {
	offset, guard, err := d.memory.alloc(desc.Size)
	if err != nil {
		return nil, err
	}
	d.runner.send(commandGuard, guard, uint64(pageBytes))
	return &buffer{offset: offset, size: desc.Size}, nil
}

// bytes returns a part of a buffer.
func (d *device) bytes(b hal.Buffer, offset, size uint64) ([]byte, error) {
	own, ok := b.(*buffer)
	if !ok || offset > own.size || size > own.size-offset {
		return nil, fmt.Errorf("metal: bytes [%d, %d) of a buffer that has not as many", offset, offset+size)
	}
	begin := own.offset + offset
	return d.memory.bytes[begin : begin+size : begin+size], nil
}

// MapBuffer implements hal.Device.
func (d *device) MapBuffer(b hal.Buffer, offset, size uint64) (hal.BufferMapping, error) {
	part, err := d.bytes(b, offset, size)
	if err != nil {
		return hal.BufferMapping{}, err
	}
	return hal.BufferMapping{Ptr: unsafe.Pointer(unsafe.SliceData(part)), IsCoherent: true}, nil
}

// groupLayout implements hal.BindGroupLayout.
type groupLayout struct {
	noop.Resource
	entries []gputypes.BindGroupLayoutEntry
}

// CreateBindGroupLayout implements hal.Device.
func (d *device) CreateBindGroupLayout(desc *hal.BindGroupLayoutDescriptor) (hal.BindGroupLayout, error) {
	return &groupLayout{entries: desc.Entries}, nil
}

// group implements hal.BindGroup.
type group struct {
	noop.Resource
	entries []gputypes.BindGroupEntry
}

// CreateBindGroup implements hal.Device.
func (d *device) CreateBindGroup(desc *hal.BindGroupDescriptor) (hal.BindGroup, error) {
	for _, e := range desc.Entries {
		if b, ok := e.Resource.(gputypes.BufferBinding); !ok || b.Size == 0 {
			return nil, fmt.Errorf("metal: binding %d is %T, want a buffer and a size", e.Binding, e.Resource)
		}
	}
	return &group{entries: desc.Entries}, nil
}

// layout implements hal.PipelineLayout.
type layout struct {
	noop.Resource
	buffers int
}

// CreatePipelineLayout implements hal.Device.
func (d *device) CreatePipelineLayout(desc *hal.PipelineLayoutDescriptor) (hal.PipelineLayout, error) {
	if len(desc.BindGroupLayouts) != 1 {
		return nil, fmt.Errorf("metal: %d bind groups, want one", len(desc.BindGroupLayouts))
	}
	return &layout{buffers: len(desc.BindGroupLayouts[0].(*groupLayout).entries)}, nil
}

// module implements hal.ShaderModule.
type module struct {
	noop.Resource
	label string
	ir    *ir.Module
}

// CreateShaderModule implements hal.Device.
func (d *device) CreateShaderModule(desc *hal.ShaderModuleDescriptor) (hal.ShaderModule, error) {
	tree, err := naga.Parse(desc.Source.WGSL)
	if err != nil {
		return nil, fmt.Errorf("metal: %w", err)
	}
	lowered, err := naga.LowerWithSource(tree, desc.Source.WGSL)
	if err != nil {
		return nil, fmt.Errorf("metal: %w", err)
	}
	return &module{label: desc.Label, ir: lowered}, nil
}

// pipeline implements hal.ComputePipeline.
type pipeline struct {
	noop.Resource
	kernel uint32 // its number in the runner
	sizes  []ir.ResourceBinding
}

// CreateComputePipeline implements hal.Device.
func (d *device) CreateComputePipeline(desc *hal.ComputePipelineDescriptor) (hal.ComputePipeline, error) {
	m := desc.Compute.Module.(*module)
	t, err := translate(m.ir, desc.Compute.EntryPoint, desc.Layout.(*layout).buffers)
	if err != nil {
		return nil, fmt.Errorf("metal: %s: %w", m.label, err)
	}
	if n := t.threads[0] * t.threads[1] * t.threads[2]; n > workgroupThreads {
		return nil, fmt.Errorf("metal: %s: %d threads, want at most %d", m.label, n, workgroupThreads)
	}
	source, err := t.cpp()
	if err != nil {
		return nil, fmt.Errorf("metal: %s: %w", m.label, err)
	}
	object, err := compileKernel(source, d.options)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", m.label, err)
	}
	kernel, err := d.runner.load(desc.Label, object)
	return &pipeline{kernel: kernel, sizes: t.sizes}, err
}

// CreateCommandEncoder implements hal.Device.
func (d *device) CreateCommandEncoder(*hal.CommandEncoderDescriptor) (hal.CommandEncoder, error) {
	return &encoder{device: d}, nil
}
