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
)

// instructionNames are those of Options.Instructions.
var instructionNames = [...]string{generic: "go", avx2: "avx2", avx512: "avx512"}

// String returns the set's name.
func (s instructions) String() string { return instructionNames[s] }

// kernelSizes is how many rows and columns of C the kernels of a set compute at once, at most.
var kernelSizes = [...]struct{ rows, cols int }{avx2: {6, 16}, avx512: {14, 32}}

// choose returns the named set, or the best that the machine has for the empty name.
func choose(name string) (instructions, error) {
	best := available()
	if name == "" {
		return best, nil
	}
	for set, known := range instructionNames {
		if name == known && instructions(set) <= best {
			return instructions(set), nil
		}
	}
	return generic, fmt.Errorf("cpu: instructions are %q, want one of those that this machine has: %s", name, strings.Join(instructionNames[:best+1], ", "))
}
