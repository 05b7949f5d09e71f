package kernels

import (
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/gogpu/gputypes"
	"github.com/gogpu/wgpu"

	"github.com/gradus-ml/gradus/engine/backend"
)

// Open opens the GPU. It refuses drivers that run on the CPU, such as lavapipe and SwiftShader: the cpu backend
// is faster there. The error says what was found.
func Open() (backend.Backend, error) { return open(false) }

// OpenAny opens the GPU, or a software driver of Vulkan where there is no GPU: for tests, and for whoever
// wants to see the kernels run.
func OpenAny() (backend.Backend, error) { return open(true) }

func open(software bool) (dev backend.Backend, err error) {
	defer func() { // a broken driver or loader
		if fault := recover(); fault != nil {
			dev, err = nil, fmt.Errorf("kernels: opening the device: %v\n%s", fault, debug.Stack())
		}
	}()
	b := newBackend()
	if err := b.do(func() error { return b.open(software) }); err != nil {
		b.abandon()
		return nil, fmt.Errorf("kernels: %w", err)
	}
	return b, nil
}

// abandon ends what could not be opened.
func (b *Backend) abandon() {
	_ = b.doAlways(func() error { // the reason for abandoning is known already
		if b.gpu != nil && !b.broken {
			b.gpu.release()
		}
		b.closed = true
		return nil
	})
	b.stop()
}

// acceptable says why an adapter is not one to train on.
func acceptable(info gputypes.AdapterInfo, software bool) error {
	switch info.Backend {
	case gputypes.BackendVulkan, gputypes.BackendMetal, gputypes.BackendBrowserWebGPU:
	case gputypes.BackendEmpty:
		return fmt.Errorf("the only adapter is %q, the binding's own emulation, which ignores barriers and computes wrong results", info.Name)
	default:
		return fmt.Errorf("the only adapter is %q on %v, want Vulkan, Metal or a browser's WebGPU", info.Name, info.Backend)
	}
	if info.DeviceType == gputypes.DeviceTypeCPU && !software {
		return fmt.Errorf("the only adapter is %q, a software driver: the cpu backend is faster (kernels.OpenAny takes it all the same)", info.Name)
	}
	return nil
}

// open finds an adapter and makes the device. It runs on the owner's goroutine, as all that follows.
func (b *Backend) open(software bool) error {
	g, err := newGPU(func(info gputypes.AdapterInfo) error { return acceptable(info, software) })
	if err != nil {
		return err
	}
	b.gpu = g
	b.info = backend.Info{Name: "gpu", Device: g.info.Name, API: apiNames[g.info.Backend],
		Software: g.info.DeviceType == gputypes.DeviceTypeCPU,
		Limits:   backend.Limits{BufferBytes: int64(g.limits.MaxBufferSize), BindingBytes: int64(g.limits.MaxStorageBufferBindingSize)}}
	return b.prepare()
}

var apiNames = map[gputypes.Backend]string{
	gputypes.BackendVulkan: "vulkan", gputypes.BackendMetal: "metal", gputypes.BackendBrowserWebGPU: "webgpu",
}

// newGPU opens instance, adapter and device.
func newGPU(accept func(gputypes.AdapterInfo) error) (g *gpu, err error) {
	g = &gpu{pipelines: map[pipelineKey]*pipeline{}, groups: map[*wgpu.BindGroup]bool{}}
	defer func() {
		if err != nil {
			g.release()
			g = nil
		}
	}()
	if g.instance, err = wgpu.CreateInstance(nil); err != nil {
		return g, fmt.Errorf("no WebGPU: %w", err)
	}
	options := &wgpu.RequestAdapterOptions{PowerPreference: gputypes.PowerPreferenceHighPerformance}
	if g.adapter, err = g.instance.RequestAdapter(options); err != nil {
		return g, fmt.Errorf("no GPU adapter (%s): %w", noAdapter, err)
	}
	g.info = g.adapter.Info()
	if err := accept(g.info); err != nil {
		return g, err
	}
	g.limits = raised(g.adapter.Limits())
	if g.device, err = g.adapter.RequestDevice(&wgpu.DeviceDescriptor{Label: "gradus", RequiredLimits: g.limits}); err != nil {
		// the driver may grant no more than it reports
		g.limits = g.adapter.Limits()
		if g.device, err = g.adapter.RequestDevice(&wgpu.DeviceDescriptor{Label: "gradus", RequiredLimits: g.limits}); err != nil {
			return g, fmt.Errorf("no device on %s: %w", g.info.Name, err)
		}
	}
	if g.queue = g.device.Queue(); g.queue == nil {
		return g, errors.New("the device has no queue")
	}
	return g, nil
}

// wantedBytes is how large a buffer and a binding may become, where the device has no lower limit of its own: Vulkan devices are
// reported with 256 MiB whatever they hold.
const wantedBytes = 1 << 30

func raised(l gputypes.Limits) gputypes.Limits {
	l.MaxBufferSize = max(l.MaxBufferSize, wantedBytes)
	l.MaxStorageBufferBindingSize = max(l.MaxStorageBufferBindingSize, wantedBytes)
	return l
}
