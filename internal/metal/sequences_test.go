//go:build linux

package metal_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/internal/metal"
	"github.com/gradus-ml/gradus/kernels"
)

// TestSequences runs lists that are fused, and lists that must not be, as Metal source.
func TestSequences(t *testing.T) {
	install(t, metal.Options{})
	dev, err := kernels.Open()
	require.NoError(t, err)
	defer dev.Close()
	backendtest.RunSequences(t, 20_000, dev)
}
