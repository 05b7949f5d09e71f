package cpu

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend/backendtest"
)

// FuzzCheck changes operations as the fuzzer's bytes say. What their rules let through runs with every set of instructions, stays within its
// operands and agrees with the oracle.
func FuzzCheck(f *testing.F) {
	var devices []*backendtest.Hostile
	for _, o := range append(sets(), Options{Threads: 2}) {
		dev, err := OpenWith(o)
		require.NoError(f, err)
		f.Cleanup(func() { _ = dev.Close() })
		devices = append(devices, backendtest.NewHostile(f, dev))
	}
	f.Add([]byte("what is changed, and how"))
	f.Fuzz(func(t *testing.T, changes []byte) {
		for _, h := range devices {
			h.Try(t, &backendtest.Bytes{Left: changes})
		}
	})
}
