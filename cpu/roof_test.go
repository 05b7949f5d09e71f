package cpu

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRoof(t *testing.T) {
	for _, o := range append(sets(), Options{Threads: 1}, Options{Threads: 2}) {
		dev, err := OpenWith(o)
		require.NoError(t, err)
		r, err := dev.(*Backend).Roof()
		require.NoError(t, err)
		t.Logf("%v: %+v", dev.Info(), r)
		assert.Greater(t, r.FLOPs, 1e6)
		for _, c := range r.Copies {
			assert.Greater(t, c.PerSecond, 1e6, "%d bytes", c.Bytes)
		}
		require.NoError(t, dev.Close())
		_, err = dev.(*Backend).Roof()
		assert.ErrorContains(t, err, "closed")
	}
}
