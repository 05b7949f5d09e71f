//go:build darwin

package kernels

import _ "github.com/gogpu/wgpu/hal/metal" // registers Metal, and nothing else, with the binding
