package atomicfile

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func text(s string) func(f *os.File) error {
	return func(f *os.File) error {
		_, err := f.WriteString(s)
		return err
	}
}

func TestWrite(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "file")
	for _, s := range []string{"first", "second"} {
		require.NoError(t, Write(path, text(s)))
		got, err := os.ReadFile(path)
		require.NoError(t, err)
		assert.Equal(t, s, string(got))
	}
	failed := errors.New("failed")
	assert.ErrorIs(t, Write(path, func(f *os.File) error { return errors.Join(text("half")(f), failed) }), failed)
	assert.ErrorIs(t, Write(filepath.Join(folder, "none", "file"), text("x")), os.ErrNotExist)
	assert.Error(t, Write(folder, text("x")), "a folder is in the way")
	got, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, "second", string(got), "what was there is as it was")
	left, err := os.ReadDir(folder)
	require.NoError(t, err)
	assert.Len(t, left, 1, "nothing is left")
}

// A file keeps its permissions when it is replaced.
func TestMode(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	require.NoError(t, Write(path, text("x")))
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}
