package kernels

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend/backendtest"
)

// Clipping in the pass that updates gives what the operations give one by one, to the bit, where the driver does not contract: lavapipe and
// SwiftShader do not.
func TestClippedUpdatesChangeNoBits(t *testing.T) {
	fused, unfused := openTest(t), openUnfused(t)
	if !fused.Info().Software {
		t.Skip("*** NOT TESTED HERE: that clipping with the update changes no bit: " + fused.Info().Device + " may contract")
	}
	for _, c := range backendtest.Sequences() {
		if strings.HasPrefix(c.Name, "clip") {
			assert.Equal(t, written(t, unfused, c), written(t, fused, c), c.Name)
		}
	}
}

// written runs a case and returns the bits of what it wrote.
func written(t *testing.T, d *device, c backendtest.Case) []uint32 {
	list := c.Build(backendtest.NewInputs(t, d, 4))
	p, err := d.Compile(list)
	require.NoError(t, err)
	defer p.Release()
	require.NoError(t, p.Run(1))
	return backendtest.Written(t, d, list)
}
