//go:build !amd64

package cpu

// available returns the best set that the machine has: there are kernels for amd64 alone.
func available() instructions { return generic }

// multiplyTiles is never called: there is no set to call it with.
func multiplyTiles(instructions, matrix, []float32, []float32, []float32, size, block) {}

// transpose8 is never called either.
func transpose8(*strip) {}

// run is never called either.
func run(instructions, kernel, *strip) {}
