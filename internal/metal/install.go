//go:build linux

package metal

import (
	"github.com/gogpu/gputypes"
	"github.com/gogpu/wgpu/core"
	"github.com/gogpu/wgpu/hal"
	"github.com/gogpu/wgpu/hal/noop"
)

// Options say how the source is compiled.
type Options struct {
	FastMath bool // by -ffast-math and with fused multiply-adds: like Metal's, but not the same
}

// Install makes this package's device the only one that the WebGPU binding finds in this process. It fails where there is no clang++.
func Install(o Options) error {
	if _, err := compileRunner(); err != nil {
		return err
	}
	hal.RegisterBackend(layer{o})
	core.RegisterHALBackends()
	for _, other := range core.AvailableBackendProviders() {
		core.RegisterBackendProvider(provider{other, false, layer{}})
	}
	core.RegisterBackendProvider(provider{gputypes.BackendMetal, true, layer{o}})
	return nil
}

// provider offers the layer; as that of another API it is not available.
type provider struct {
	variant gputypes.Backend
	here    bool
	layer
}

func (p provider) Variant() gputypes.Backend { return p.variant }
func (p provider) IsAvailable() bool         { return p.here }

// layer implements hal.Backend.
type layer struct{ options Options }

func (layer) Variant() gputypes.Backend { return gputypes.BackendMetal }
func (l layer) CreateInstance(*hal.InstanceDescriptor) (hal.Instance, error) {
	return &instance{options: l.options}, nil
}

type instance struct {
	noop.Instance
	options Options
}

// What Metal has at least, as the binding's hal/metal reports it (api.go).
const (
	workgroupBytes   = 32 << 10
	workgroupThreads = 1024
	bufferBytes      = 4 << 30
	storageBuffers   = 8
)

// EnumerateAdapters implements hal.Instance.
func (i *instance) EnumerateAdapters(hal.Surface) []hal.ExposedAdapter {
	limits := gputypes.DefaultLimits()
	limits.MaxBufferSize, limits.MaxStorageBufferBindingSize, limits.MaxUniformBufferBindingSize = bufferBytes, bufferBytes, bufferBytes
	limits.MaxStorageBuffersPerShaderStage = storageBuffers
	limits.MaxComputeWorkgroupStorageSize = workgroupBytes
	limits.MaxComputeInvocationsPerWorkgroup, limits.MaxComputeWorkgroupSizeX = workgroupThreads, workgroupThreads
	limits.MaxComputeWorkgroupSizeY, limits.MaxComputeWorkgroupSizeZ = workgroupThreads, workgroupThreads
	return []hal.ExposedAdapter{{
		Adapter: &adapter{options: i.options},
		Info: gputypes.AdapterInfo{Name: "Metal source compiled by clang", Vendor: "Gradus", Driver: "internal/metal",
			DeviceType: gputypes.DeviceTypeIntegratedGPU, Backend: gputypes.BackendMetal},
		Capabilities: hal.Capabilities{Limits: limits, DownlevelCapabilities: gputypes.DefaultDownlevelCapabilities(),
			AlignmentsMask: hal.Alignments{BufferCopyOffset: 4, BufferCopyPitch: 256}},
	}}
}

type adapter struct {
	noop.Adapter
	options Options
}

// Open implements hal.Adapter.
func (a *adapter) Open(gputypes.Features, gputypes.Limits) (hal.OpenDevice, error) {
	d, err := newDevice(a.options)
	if err != nil {
		return hal.OpenDevice{}, err
	}
	return hal.OpenDevice{Device: d, Queue: &queue{device: d}}, nil
}
