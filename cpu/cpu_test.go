package cpu

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/ops"
)

func ExampleOpen() {
	dev, err := Open()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer dev.Close()
	fmt.Println(dev.Info().Name)
	// Output: cpu
}

func TestConformance(t *testing.T) {
	var opens []backend.Opener
	for _, o := range append([]Options{{Threads: 1}, {Threads: 3}}, sets()...) {
		opens = append(opens, func() (backend.Backend, error) { return OpenWith(o) })
	}
	backendtest.Run(t, opens...)
}

// TestSequences runs lists of which this backend and others do some in one, or must not.
func TestSequences(t *testing.T) {
	var devices []backend.Backend
	for _, o := range append(sets(), Options{}) {
		dev, err := OpenWith(o)
		require.NoError(t, err)
		defer dev.Close()
		devices = append(devices, dev)
	}
	backendtest.RunSequences(t, 300_000, devices...)
}

// sets has options for each set of instructions below the best, which is tested anyway.
func sets() []Options {
	var list []Options
	for _, set := range present()[:len(present())-1] {
		list = append(list, Options{Threads: 2, Instructions: set.String()})
	}
	return list
}

func TestThreadsRefused(t *testing.T) {
	_, err := OpenWith(Options{Threads: -1})
	assert.ErrorContains(t, err, "threads is -1")
	_, err = OpenWith(Options{Instructions: "mmx"})
	assert.ErrorContains(t, err, `instructions are "mmx", want one of those that this machine has: go`)
}

// products runs the three forms of a product on a device and returns the results.
func products(t *testing.T, o Options) [][]float32 {
	dev, err := OpenWith(o)
	require.NoError(t, err)
	defer dev.Close()
	in := backendtest.NewInputs(t, dev, 5)
	const n = 203
	var list []backend.Op
	for form := range 3 {
		list = append(list, ops.MatMul{A: in.Normal(n*n, 0, 1), B: in.Normal(n*n, 0, 1), C: in.Result(n * n),
			M: n, N: n, K: n, TransposeA: form == 1, TransposeB: form == 2})
	}
	p, err := dev.Compile(list)
	require.NoError(t, err)
	require.NoError(t, p.Run(3))
	var results [][]float32
	for _, op := range list {
		values := make([]float32, n*n)
		require.NoError(t, backend.Download(dev, values, op.(ops.MatMul).C))
		results = append(results, values)
	}
	return results
}

func TestThreadsDoNotChangeBits(t *testing.T) {
	for _, o := range append(sets(), Options{}) {
		o.Threads = 1
		want := products(t, o)
		for _, o.Threads = range []int{2, 3, 8} {
			assert.Equal(t, want, products(t, o), "%+v", o)
		}
	}
}

// The kernels add the products of an element in the same order by the same instruction: all of them give the same bits.
func TestKernelsAgreeToTheBit(t *testing.T) {
	if !supports(avx512) {
		t.Skip("NOT TESTED: that AVX2 and AVX-512 agree: this machine has no AVX-512")
	}
	assert.Equal(t, products(t, Options{Instructions: "avx512"}), products(t, Options{Instructions: "avx2"}))
}

func TestRunAllocatesNothing(t *testing.T) {
	for _, threads := range []int{1, 2} {
		dev, err := OpenWith(Options{Threads: threads})
		require.NoError(t, err)
		in := backendtest.NewInputs(t, dev, 1)
		list := backendtest.EveryOperation(in)
		p, err := dev.Compile(list)
		require.NoError(t, err)
		assert.Zero(t, testing.AllocsPerRun(20, func() { require.NoError(t, p.Run(1)) }), "%d threads", threads)
		require.NoError(t, dev.Close())
	}
}

// What the rules let through stays within its buffers, also with the kernels of each set of instructions.
func TestHostile(t *testing.T) {
	for _, o := range append(sets(), Options{}) {
		ran := backendtest.RunHostile(t, func() (backend.Backend, error) { return OpenWith(o) }, 1, 6000)
		assert.Greater(t, ran, 300)
	}
}
