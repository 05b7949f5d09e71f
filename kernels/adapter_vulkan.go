//go:build !darwin && !js

package kernels

import (
	"encoding/binary"
	"fmt"

	"github.com/gogpu/naga"
	"github.com/gogpu/wgpu"
	_ "github.com/gogpu/wgpu/hal/vulkan" // the only API asked for on this platform
)

// noAdapter says why there may be no adapter.
const noAdapter = "Vulkan has no driver here, or its loader, libvulkan, is missing"

// module compiles a kernel to SPIR-V without the code that zeroes workgroup memory: drivers take
// seconds to minutes over it, and no kernel reads workgroup memory that it has not written.
func module(name, source string) (*wgpu.ShaderModuleDescriptor, error) {
	binaryCode, err := naga.Compile(source)
	if err != nil {
		return nil, fmt.Errorf("compiling %s: %w", name, err)
	}
	words := make([]uint32, len(binaryCode)/4)
	for i := range words {
		words[i] = binary.LittleEndian.Uint32(binaryCode[4*i:])
	}
	return &wgpu.ShaderModuleDescriptor{Label: name, SPIRV: withoutWorkgroupZeros(words)}, nil
}
