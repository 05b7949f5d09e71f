package sysblas

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/blas"

	"github.com/gradus-ml/gradus/cpu"
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/ops"
)

// opened is the system's library.
func opened(t *testing.T) *Library {
	l, err := Open(Options{Threads: 1, AnySpeed: true})
	if err != nil {
		t.Skipf("NOT TESTED: products by a system's BLAS (Debian: libopenblas0): %v", err)
	}
	return l
}

func TestLibrary(t *testing.T) {
	l := opened(t)
	t.Logf("%v: %s; package cpu %.0f GFLOP/s", l, l.Config, l.Own)
	assert.Positive(t, l.GFLOPs)
	a, c := uniform(1, 64*64), make([]float32, 64*64)
	assert.Zero(t, testing.AllocsPerRun(100, func() { l.Sgemm(blas.NoTrans, blas.Trans, 64, 64, 64, 1, a, 64, a, 64, 0, c, 64) }))
	assert.Panics(t, func() { l.Sgemm(blas.NoTrans, blas.NoTrans, 64, 64, 65, 1, a, 64, a, 64, 0, c, 64) }, "what is wrong does not reach the library")
}

// The products of a device are the library's, within the conformance suite's tolerances.
func TestDevice(t *testing.T) {
	l := opened(t)
	dev, err := cpu.OpenWith(cpu.Options{Products: l})
	require.NoError(t, err)
	defer dev.Close()
	assert.Contains(t, dev.Info().Device, "products by "+l.Path)
	for form := range 3 {
		in := backendtest.NewInputs(t, dev, 1)
		op := ops.MatMul{A: in.Normal(33*65, 0, 1), B: in.Normal(65*17, 0, 1), C: in.Result(33 * 17), M: 33, N: 17, K: 65, TransposeA: form%2 == 1, TransposeB: form/2 == 1}
		got := run(t, dev, op)
		own, err := cpu.Open()
		require.NoError(t, err)
		in = backendtest.NewInputs(t, own, 1)
		op.A, op.B, op.C = in.Normal(33*65, 0, 1), in.Normal(65*17, 0, 1), in.Result(33*17)
		for i, want := range run(t, own, op) {
			assert.InDelta(t, want, got[i], 65*0x1p-23*32, "form %d c[%d]", form, i)
		}
		require.NoError(t, own.Close())
	}
}

func run(t *testing.T, dev backend.Backend, op ops.MatMul) []float32 {
	p, err := dev.Compile([]backend.Op{op})
	require.NoError(t, err)
	require.NoError(t, p.Run(1))
	values := make([]float32, op.C.Len)
	require.NoError(t, backend.Download(dev, values, op.C))
	return values
}

func TestRefused(t *testing.T) {
	_, err := Open(Options{Threads: -1})
	assert.ErrorContains(t, err, "threads is -1")
	_, err = Open(Options{Path: "libnothing.so.7"})
	assert.ErrorContains(t, err, "libnothing.so.7")
	assert.NotContains(t, Candidates(), "libblas.so.3")
}

// The products of a network by the system's library, where there is one.
func ExampleOpen() {
	library, err := Open(Options{})
	if err != nil {
		fmt.Println("by the backend's own kernels")
	} else {
		fmt.Println("by the system's library")
	}
	o := cpu.Options{}
	if library != nil {
		o.Products = library
	}
	dev, err := cpu.OpenWith(o)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer dev.Close()
}
