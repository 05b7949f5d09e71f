//go:build js

package kernels

import "github.com/gogpu/wgpu"

// noAdapter says why there may be no adapter.
const noAdapter = "this browser has no WebGPU, or it is switched off"

// module hands the kernel over in WGSL.
func module(name, source string) (*wgpu.ShaderModuleDescriptor, error) {
	return &wgpu.ShaderModuleDescriptor{Label: name, WGSL: source}, nil
}
