//go:build js

package kernels

import "github.com/gogpu/wgpu"

// module hands the kernel over in WGSL.
func module(name, source string) (*wgpu.ShaderModuleDescriptor, error) {
	return &wgpu.ShaderModuleDescriptor{Label: name, WGSL: source}, nil
}
