// Package metal runs kernels as they would be run on Metal, on a Linux machine without a GPU: for tests.
//
// It is a device of the WebGPU binding in place of its Metal layer (docs/decisions/0011-metal-without-a-mac.md). A WGSL module
// becomes the Metal source that the binding makes on a Mac, which clang compiles as C++14 against shim/metal_stdlib, and shim/runner.cc
// executes. After Install, kernels.OpenAny opens it.
//
// The invocations of a workgroup are fibres. Each runs alone up to the next barrier, in the order of their numbers or,
// in every other workgroup, in the opposite one. An error of the submission, which names kernel and workgroup, is
//
//   - a barrier that not all invocations of a workgroup reach, or two different ones reached at once;
//   - an index outside its array, which Metal would read as 0 or skip;
//   - an access outside all buffers.
//
// Memory of a new buffer, of a workgroup and of variables that are not initialised holds garbage.
//
// Limits. Arithmetic is strict float32, unless Options ask for clang's fast math: Metal compiles with its own, which reorders, contracts to fused
// multiply-adds and assumes that there are no NaN and no infinities; and its exp, log, pow and tanh are less exact than the C library's. Races are seen only where one
// of the orders of execution shows them. Address spaces are not checked, and clang is not Apple's compiler. Nothing is
// said of the binding's own calls to Metal, nor of speed.
package metal
