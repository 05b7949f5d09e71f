package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What package cpu holds must be what this command writes.
func TestGenerated(t *testing.T) {
	for name, want := range files() {
		text, err := os.ReadFile(filepath.Join("..", "..", "cpu", name))
		require.NoError(t, err)
		assert.True(t, want == string(text), "%s is not what sgemmgen writes: make assembly", name)
	}
}
