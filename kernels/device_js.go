//go:build js

package kernels

import (
	"context"

	"github.com/gogpu/wgpu"
)

// native tells that the binding calls drivers itself, and not a browser.
const native = false

// module returns a shader in the form that the device takes: browsers take WGSL.
func (g *gpu) module(label, source string) (*wgpu.ShaderModuleDescriptor, error) {
	return &wgpu.ShaderModuleDescriptor{Label: label, WGSL: source}, nil
}

// wait returns when a submission has finished, and whether it had to wait for it. A browser tells only of everything.
func (g *gpu) wait(uint64) (waited bool, err error) { return true, g.sync() }

// idle waits for everything that was submitted.
func (g *gpu) idle() error { return g.sync() }

// mapBytes makes the first bytes of a staging buffer readable, after everything that was submitted.
func (g *gpu) mapBytes(b *wgpu.Buffer, bytes int64) error {
	return b.Map(context.Background(), wgpu.MapModeRead, 0, uint64(bytes))
}
