//go:build linux || darwin

package cpu

import (
	"os"
	"runtime/debug"
	"syscall"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fenced is memory behind which there is none: a page of it, and one that nobody may touch.
type fenced []byte

func fence(t *testing.T) fenced {
	page := os.Getpagesize()
	memory, err := syscall.Mmap(-1, 0, 2*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, syscall.Munmap(memory)) })
	require.NoError(t, syscall.Mprotect(memory[page:], syscall.PROT_NONE))
	return memory[:page]
}

// last returns the last n numbers before the fence.
func (f fenced) last(n int) []float32 {
	return unsafe.Slice((*float32)(unsafe.Pointer(&f[len(f)-4*n])), n)
}

// operands returns as many operands of n numbers, each before a fence of its own.
func operands(fences []fenced, n int) [][]float32 {
	list := make([][]float32, len(fences))
	for i, f := range fences {
		list[i] = f.last(n)
	}
	return list
}

// runFenced runs the kernel on operands before fences.
func runFenced(k kernel, set instructions, fences []fenced) {
	v := vectors{set, k, [6]float32{0.75, 6, 0.125, 1, 0.5}}
	for n := 1; n < 40; n++ {
		switch {
		case k == scaleBytesKernel:
			x := fences[0][len(fences[0])-n:]
			v.bytes(x, x, fences[1].last(n))
		case k <= adamKernel:
			v.elements(0, n, operands(fences[:6], n)...)
		case k <= batchNormGradKernel:
			v.columns(1, n, 0, n, operands(fences, n)...)
			v.columns(5, n, 0, n, operands(fences, 5*n)...)
		case k < unfoldKernel:
			sumOf(set, k, fences[0].last(n))
		default:
			unfold(set, 3, n, operands(fences[:7], 3*n)...)
		}
	}
}

// No kernel reads or writes beyond its operands, where a page may end.
func TestKernelsStayWithin(t *testing.T) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	var fences []fenced
	for range 9 {
		fences = append(fences, fence(t))
	}
	for _, set := range present() {
		for k := reluKernel; set.vectorised() && k <= unfoldKernel; k++ {
			assert.NotPanics(t, func() { runFenced(k, set, fences) }, "%s with %s", k, set)
		}
	}
}

func TestTurnStaysWithin(t *testing.T) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	x, y := fence(t), fence(t)
	for _, n := range []int{1, 7, 8, 9, 16, 21} {
		assert.NotPanics(t, func() { turn(y.last(11*n), n, x.last(11*n), n, 11, 11) }, "%d", n)
	}
}
