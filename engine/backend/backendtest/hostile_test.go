package backendtest

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// What the rules of the operations let through stays within its buffers: the oracle's are slices, which panic.
func TestHostile(t *testing.T) {
	ran := RunHostile(t, OpenOracle, 1, 20_000)
	t.Logf("%d of 20,000 changed operations were accepted", ran)
	assert.Greater(t, ran, 1000)
}

// FuzzHostile looks for more; the seed chooses the changes.
func FuzzHostile(f *testing.F) {
	f.Add(uint64(1))
	f.Fuzz(func(t *testing.T, seed uint64) { RunHostile(t, OpenOracle, seed, 500) })
}
