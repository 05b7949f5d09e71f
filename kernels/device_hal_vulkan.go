//go:build linux || windows

package kernels

import _ "github.com/gogpu/wgpu/hal/vulkan" // registers Vulkan, and nothing else, with the binding
