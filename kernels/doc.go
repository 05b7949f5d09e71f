// Package kernels is the backend for GPUs: the WGSL kernels of package shaders, run through WebGPU
// (github.com/gogpu/wgpu: Vulkan on Linux and Windows, Metal on macOS, the browser's WebGPU under js/wasm).
//
// One goroutine owns the device; the others hand it work. A program holds, for each operation, a pipeline, a bind group and a
// slot of parameters, all made by Compile. Running it encodes many steps into one submission, bounded in time, and keeps
// one submission waiting while another runs. The last kernel of a submission counts it in a status word,
// which every read-back checks, since not every platform reports that work was lost.
//
// Memory is recycled, never freed before Close, and zeroed by a kernel when it is handed out again.
package kernels
