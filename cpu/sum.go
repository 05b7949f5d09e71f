package cpu

import (
	"math"
	"unsafe"
)

// A long sum is taken in float64, block by block, and the sums of the blocks are added up in order. Element i of a block goes to lane i mod
// sumLanes, and the lanes are halved until one is left: the same additions for every set of instructions and any number of threads.
const (
	sumBlock = 1 << 13
	sumLanes = 32 // as internal/vectorgen has it
)

// sumOf is Σ v² or Σ |v| of a block, by squaresKernel or absolutesKernel.
func sumOf(set instructions, k kernel, x []float32) float64 {
	var sums [sumLanes]float64
	done := 0
	if set.vectorised() {
		done = sumLanesOf(set, k, x, &sums)
	}
	for i, v := range x[done:] {
		if k == squaresKernel {
			sums[i%sumLanes] += float64(v) * float64(v)
		} else {
			sums[i%sumLanes] += math.Abs(float64(v))
		}
	}
	for half := sumLanes / 2; half > 0; half /= 2 {
		for i, v := range sums[half : 2*half] {
			sums[i] += v
		}
	}
	return sums[0]
}

// sumLanesOf runs the kernel on as many elements as there are in whole groups of lanes, and returns their number.
func sumLanesOf(set instructions, k kernel, x []float32, sums *[sumLanes]float64) int {
	n := len(x) / sumLanes * sumLanes
	if n > 0 {
		s := strip{n: n}
		s.p[0], s.p[1] = unsafe.Pointer(&x[0]), unsafe.Pointer(sums)
		run(set, k, &s)
	}
	return n
}
