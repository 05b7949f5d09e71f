package kernels

import (
	"fmt"
	"strings"
	"sync"

	"github.com/gogpu/gputypes"
	"github.com/gogpu/wgpu"

	"github.com/gradus-ml/gradus/engine/backend"
)

// found is what every device of the process is opened from, once there is an adapter. It is never given back: with the last instance, drivers are
// unloaded, and not every one can be loaded again and again.
var found struct {
	sync.Mutex
	adapter *wgpu.Adapter
}

// bestAdapter returns the machine's best adapter.
func bestAdapter() (*wgpu.Adapter, error) {
	found.Lock()
	defer found.Unlock()
	if found.adapter != nil {
		return found.adapter, nil
	}
	instance, err := wgpu.CreateInstance(nil)
	if err != nil {
		return nil, fmt.Errorf("kernels: no WebGPU: %w", err)
	}
	found.adapter, err = instance.RequestAdapter(&wgpu.RequestAdapterOptions{PowerPreference: wgpu.PowerPreferenceHighPerformance})
	if err != nil {
		instance.Release()
		return nil, fmt.Errorf("kernels: no GPU: %w", err)
	}
	return found.adapter, nil
}

// openGPU opens the machine's best adapter, or says why it cannot be used.
func openGPU(software bool) (*gpu, error) {
	adapter, err := bestAdapter()
	if err != nil {
		return nil, err
	}
	if err := refuse(adapter.Info(), native, software); err != nil {
		return nil, err
	}
	g := &gpu{pipelines: map[string]*pipeline{}, groups: map[*wgpu.BindGroup]bool{}}
	if err := g.open(adapter); err != nil {
		g.close()
		return nil, err
	}
	return g, nil
}

func (g *gpu) open(adapter *wgpu.Adapter) (err error) {
	limits := raise(adapter.Limits(), adapter.Info())
	g.device, err = adapter.RequestDevice(&wgpu.DeviceDescriptor{Label: "gradus", RequiredLimits: limits})
	if err != nil {
		return fmt.Errorf("kernels: %s: %w", adapter.Info().Name, err)
	}
	g.keep(g.device)
	g.queue = g.device.Queue()
	g.info = describe(adapter.Info(), limits)
	return g.openStatus()
}

// refuse says why an adapter cannot be used; software allows those that emulate a GPU on the CPU.
func refuse(info gputypes.AdapterInfo, native, software bool) error {
	switch {
	case !native: // browsers do not tell
		return nil
	case info.Backend == gputypes.BackendEmpty:
		return fmt.Errorf("kernels: no GPU: %q is the binding's own emulation, which computes wrong results", info.Name)
	case info.Backend == gputypes.BackendGL:
		return fmt.Errorf("kernels: no GPU: %q is reached through OpenGL, want Vulkan or Metal", info.Name)
	case info.DeviceType == gputypes.DeviceTypeCPU && !software:
		return fmt.Errorf("kernels: no GPU: %q emulates one on the CPU, where the cpu backend is faster (OpenAny takes it)", info.Name)
	}
	return nil
}

// vulkanBuffer is the buffer size that is asked of Vulkan, where the binding reports 256 MiB whatever the card.
// What the card does not have, it refuses when it is allocated.
const vulkanBuffer = 4<<30 - 256

// emulatedBinding is what lavapipe binds, though it reports 128 MiB.
const emulatedBinding = 1 << 30

// raise returns the adapter's limits with those raised that are reported too low.
func raise(l gputypes.Limits, info gputypes.AdapterInfo) gputypes.Limits {
	if info.Backend == gputypes.BackendVulkan {
		l.MaxBufferSize = max(l.MaxBufferSize, vulkanBuffer)
		if info.DeviceType == gputypes.DeviceTypeCPU {
			l.MaxStorageBufferBindingSize = max(l.MaxStorageBufferBindingSize, emulatedBinding)
		}
	}
	return l
}

func describe(info gputypes.AdapterInfo, l gputypes.Limits) backend.Info {
	api := "webgpu"
	if native {
		api = strings.ToLower(info.Backend.String())
	}
	return backend.Info{
		Name: "gpu", Device: info.Name, API: api, Software: info.DeviceType == gputypes.DeviceTypeCPU,
		Limits: backend.Limits{BufferBytes: int64(l.MaxBufferSize), BindingBytes: int64(l.MaxStorageBufferBindingSize)},
	}
}
