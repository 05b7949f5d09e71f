//go:build darwin

package kernels

import (
	"github.com/gogpu/wgpu"
	_ "github.com/gogpu/wgpu/hal/metal" // the only API asked for on this platform
)

// noAdapter says why there may be no adapter.
const noAdapter = "Metal found no device"

// module hands the kernel over in WGSL.
func module(name, source string) (*wgpu.ShaderModuleDescriptor, error) {
	return &wgpu.ShaderModuleDescriptor{Label: name, WGSL: source}, nil
}
