package kernels

import (
	"math"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/ops"
)

// openTest opens a device for a test. Without one the test is skipped, loudly, or fails where GRADUS_REQUIRE_GPU is 1.
func openTest(t testing.TB) *device {
	t.Helper()
	b, err := OpenAny()
	if err != nil {
		missing(t, err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b.(*device)
}

func missing(t testing.TB, err error) {
	t.Helper()
	if os.Getenv("GRADUS_REQUIRE_GPU") == "1" {
		t.Fatalf("GRADUS_REQUIRE_GPU=1, but there is no WebGPU device: %v", err)
	}
	t.Skipf("*** NOT TESTED HERE: the WGSL kernels, by %s. There is no WebGPU device: %v", t.Name(), err)
}

// TestConformance runs every case of every operation against the float64 oracle.
func TestConformance(t *testing.T) {
	require.NoError(t, openTest(t).Close())
	backendtest.Run(t, func() (backend.Backend, error) { return OpenAny() })
}

// What a GPU is given computes the same on a device that would choose other kernels.
func TestKernelsOfGPUs(t *testing.T) {
	dev := openTest(t)
	dev.emulated = !dev.emulated
	for _, op := range []backend.Op{ops.MatMul{}, ops.SGD{}, ops.Adaptive{}} {
		backendtest.RunOperation(t, op.Name(), dev)
	}
	backendtest.RunSequencesOf(t, "matmul", math.MaxInt, dev)
}

// A grid of several short rows gives what one of a single row does: kernels find their place in either.
func TestShortRows(t *testing.T) {
	dev := openTest(t)
	dev.inRow = 2
	backendtest.RunOperations(t, 20_000, dev)
}

// What the rules let through compiles and runs, whatever the sizes.
func TestHostile(t *testing.T) {
	require.NoError(t, openTest(t).Close())
	ran := backendtest.RunHostile(t, func() (backend.Backend, error) { return OpenAny() }, 1, 3000)
	assert.Greater(t, ran, 200)
}
