//go:build !amd64 && !arm64

package cpu

// supports reports whether the machine has the set: there are kernels for amd64 and arm64 alone.
func supports(set instructions) bool { return set == generic }

// multiplyTiles is never called: there is no set to call it with.
func multiplyTiles(instructions, matrix, []float32, []float32, []float32, size, block) {}

// transpose8 is never called either.
func transpose8(*strip) {}

// run is never called either.
func run(instructions, kernel, *strip) {}

// fmas is what Go makes of multiply-adds.
func fmas(_ instructions, n int) int { return plainFMAs(n) }
