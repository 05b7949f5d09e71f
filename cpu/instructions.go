package cpu

import (
	"fmt"
	"strings"
)

// instructions are the sets for which there are kernels.
type instructions uint8

const (
	generic instructions = iota // what Go compiles, and gonum
	avx2
	avx512
	neon
)

// instructionNames are those of Options.Instructions.
var instructionNames = [...]string{generic: "go", avx2: "avx2", avx512: "avx512", neon: "neon"}

// String returns the set's name.
func (s instructions) String() string { return instructionNames[s] }

// vectorised reports whether there are vector kernels for the set.
func (s instructions) vectorised() bool { return s != generic }

// kernelSizes is how many rows and columns of C the kernels of a set compute at once, at most.
var kernelSizes = [...]struct{ rows, cols int }{avx2: {6, 16}, avx512: {14, 32}, neon: {8, 12}}

// present lists the sets that the machine has, the best last.
func present() []instructions {
	var list []instructions
	for set := range instructionNames {
		if supports(instructions(set)) {
			list = append(list, instructions(set))
		}
	}
	return list
}

// available returns the best set that the machine has.
func available() instructions {
	best := instructions(len(instructionNames) - 1)
	for !supports(best) {
		best--
	}
	return best
}

// choose returns the named set, or the best that the machine has for the empty name.
func choose(name string) (instructions, error) {
	if name == "" {
		return available(), nil
	}
	var names []string
	for _, set := range present() {
		if name == set.String() {
			return set, nil
		}
		names = append(names, set.String())
	}
	return generic, fmt.Errorf("cpu: instructions are %q, want one of those that this machine has: %s", name, strings.Join(names, ", "))
}
