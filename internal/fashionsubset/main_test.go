package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/data/fashion"
)

// What is embedded must be what this command draws.
func TestEmbeddedIsDrawn(t *testing.T) {
	dir, ok := fashion.Find()
	if !ok {
		t.Skip("NOT TESTED: the origin of the embedded subset: Debian's package dataset-fashion-mnist is not installed")
	}
	files, err := draw(dir)
	require.NoError(t, err)
	require.Len(t, files, 4)
	for name, content := range files {
		embedded, err := os.ReadFile(filepath.Join("..", "..", "engine", "data", "fashion", "subset", name))
		require.NoError(t, err)
		assert.True(t, string(embedded) == string(content), "%s differs", name)
	}
}
