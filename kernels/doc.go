// Package kernels runs operations on a GPU through WebGPU: Metal, Vulkan or a browser.
//
// The kernels themselves are in package shaders. Here is the host: Compile turns each operation into one dispatch (the table
// of contents is in table.go, an operation's own file has its stem), and Run replays the list, many dispatches to a
// submission.
//
// One goroutine owns the device (owner.go) and makes all calls of the WebGPU binding, which are in the files named
// device*. What is made while compiling (pipelines, bind groups, parameters in uniform memory) is kept, so that a run
// only records dispatches. Buffers are recycled, never given back before Close (memory.go).
//
// Every submission ends with a kernel that counts it in a status word. Whoever waits, in Read or Sync, compares the
// words with what was submitted: drivers drop work without a word otherwise. A device that failed once answers every
// later call with that failure.
package kernels
