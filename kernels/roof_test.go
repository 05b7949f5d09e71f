package kernels

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend"
)

func TestRoof(t *testing.T) {
	dev := openTest(t)
	r, err := backend.Roofed(dev).Roof()
	require.NoError(t, err)
	t.Logf("%v: %+v", dev.Info(), r)
	assert.Greater(t, r.FLOPs, 1e8)
	require.NotEmpty(t, r.Copies)
	for _, c := range r.Copies {
		assert.Greater(t, c.PerSecond, 1e7, "%d bytes", c.Bytes)
	}
}
