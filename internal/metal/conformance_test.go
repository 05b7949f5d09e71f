//go:build linux

package metal_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/internal/metal"
	"github.com/gradus-ml/gradus/kernels"
)

// install makes Metal the only API of this process. Without clang++ the test is skipped, loudly, or fails where GRADUS_REQUIRE_GPU is 1.
func install(t *testing.T) {
	t.Helper()
	if err := metal.Install(); err != nil {
		if os.Getenv("GRADUS_REQUIRE_GPU") == "1" {
			t.Fatalf("GRADUS_REQUIRE_GPU=1, but the Metal source cannot be run: %v", err)
		}
		t.Skipf("*** NOT TESTED HERE: the kernels as Metal source, by %s: %v (make tools)", t.Name(), err)
	}
}

// TestConformance runs every case of every operation, as Metal source, against the float64 oracle.
func TestConformance(t *testing.T) {
	install(t)
	dev, err := kernels.Open()
	require.NoError(t, err)
	assert.Equal(t, "metal", dev.Info().API)
	require.NoError(t, dev.Close())
	backendtest.Run(t, func() (backend.Backend, error) { return kernels.Open() })
}
