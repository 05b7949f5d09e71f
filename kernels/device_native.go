//go:build !js

package kernels

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/gogpu/naga"
	"github.com/gogpu/wgpu"
)

// native tells that the binding calls drivers itself, and not a browser.
const native = true

// module returns a shader in the form that the device takes. Vulkan gets SPIR-V without naga's zeroing of workgroup memory, which
// drivers take seconds to minutes to compile.
func (g *gpu) module(label, source string) (*wgpu.ShaderModuleDescriptor, error) {
	if g.info.API != "vulkan" {
		return &wgpu.ShaderModuleDescriptor{Label: label, WGSL: source}, nil
	}
	code, err := compileSPIRV(source)
	if err != nil {
		return nil, fmt.Errorf("kernels: %s: %w", label, err)
	}
	return &wgpu.ShaderModuleDescriptor{Label: label, SPIRV: code}, nil
}

func compileSPIRV(source string) ([]uint32, error) {
	code, err := naga.Compile(source)
	if err != nil {
		return nil, fmt.Errorf("naga: %w", err)
	}
	words := make([]uint32, len(code)/4)
	for i := range words {
		words[i] = binary.LittleEndian.Uint32(code[4*i:])
	}
	return withoutZeroStores(words)
}

// patience is how long a submission may take before the driver is asked whether the device is still there.
const patience = 20 * time.Second

// wait returns when a submission has finished, and whether it had to wait for it.
func (g *gpu) wait(submission uint64) (waited bool, err error) {
	start := time.Now()
	for pause := 20 * time.Microsecond; g.queue.Poll() < submission; pause = min(2*pause, time.Millisecond) {
		if time.Since(start) > patience {
			return true, g.idle()
		}
		waited = true
		time.Sleep(pause)
	}
	return waited, nil
}

// idle waits for everything that was submitted.
func (g *gpu) idle() error {
	if err := g.device.WaitIdle(); err != nil {
		return fmt.Errorf("%w: waiting for the device: %w", errFailed, err)
	}
	return nil
}

// mapBytes makes the first bytes of a staging buffer readable, after everything that was submitted.
func (g *gpu) mapBytes(b *wgpu.Buffer, bytes int64) error {
	if err := g.idle(); err != nil {
		return err
	}
	pending, err := b.MapAsync(wgpu.MapModeRead, 0, uint64(bytes))
	if err != nil {
		return err
	}
	defer pending.Release()
	g.device.Poll(wgpu.PollWait) // resolves it: the device is idle
	if ready, err := pending.Status(); err != nil || !ready {
		return fmt.Errorf("not mapped after waiting (%w)", err)
	}
	return nil
}
