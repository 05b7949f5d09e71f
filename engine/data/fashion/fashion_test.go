package fashion

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/data"
	"github.com/gradus-ml/gradus/engine/data/idx"
)

func ExampleLoad() {
	train, test, err := Load("") // or a directory with the four IDX files
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(train.Len(), test.Len(), train.Shape, Names[train.Labels[0]])
	// Output: 10000 2000 [28 28] Ankle boot
}

func TestEmbeddedIsEven(t *testing.T) {
	train, test, err := Load("")
	require.NoError(t, err)
	for set, each := range map[*data.Set]int{train: 1000, test: 200} {
		require.NoError(t, set.Check())
		count := make([]int, len(Names))
		for _, label := range set.Labels {
			count[label]++
		}
		for label, n := range count {
			assert.Equal(t, each, n, "class %d", label)
		}
	}
}

// write puts a small valid set into a directory: three images to train, two to test.
func write(t *testing.T) string {
	dir := t.TempDir()
	for stem, n := range map[string]int{"train": 3, "t10k": 2} {
		save(t, dir, stem+"-images-idx3-ubyte", &idx.Array{Shape: []int{n, 28, 28}, Data: make([]byte, n*784)})
		save(t, dir, stem+"-labels-idx1-ubyte", &idx.Array{Shape: []int{n}, Data: []byte{9, 0, 5}[:n]})
	}
	return dir
}

func save(t *testing.T, dir, name string, a *idx.Array) {
	var b bytes.Buffer
	require.NoError(t, a.Write(&b))
	require.NoError(t, os.WriteFile(filepath.Join(dir, name), b.Bytes(), 0o600))
}

func TestDirectory(t *testing.T) {
	train, test, err := Load(write(t))
	require.NoError(t, err)
	assert.Equal(t, []int{9, 0, 5}, train.Labels)
	assert.Equal(t, []int{9, 0}, test.Labels)
}

func TestDirectoryRefused(t *testing.T) {
	for name, row := range map[string]struct {
		spoil func(t *testing.T, dir string)
		text  string
	}{
		"a file is missing": {func(t *testing.T, dir string) {
			require.NoError(t, os.Remove(filepath.Join(dir, "t10k-labels-idx1-ubyte")))
		}, "neither t10k-labels-idx1-ubyte nor t10k-labels-idx1-ubyte.gz"},
		"a file is cut": {func(t *testing.T, dir string) {
			require.NoError(t, os.Truncate(filepath.Join(dir, "train-images-idx3-ubyte"), 1000))
		}, "train-images-idx3-ubyte: idx: the file ends after 984 of 2352 elements"},
		"too few labels": {func(t *testing.T, dir string) {
			save(t, dir, "train-labels-idx1-ubyte", &idx.Array{Shape: []int{2}, Data: []byte{1, 2}})
		}, "train-labels-idx1-ubyte: shape is [2], want [3]"},
		"an unknown class": {func(t *testing.T, dir string) {
			save(t, dir, "train-labels-idx1-ubyte", &idx.Array{Shape: []int{3}, Data: []byte{1, 2, 10}})
		}, "train-labels-idx1-ubyte: data: label 2 is 10, want 0 to 9"},
		"images of another size": {func(t *testing.T, dir string) {
			save(t, dir, "train-images-idx3-ubyte", &idx.Array{Shape: []int{3, 4, 4}, Data: make([]byte, 48)})
		}, "shape is [3 4 4], want [n 28 28]"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := write(t)
			row.spoil(t, dir)
			_, _, err := Load(dir)
			assert.ErrorContains(t, err, row.text)
		})
	}
	_, _, err := Load(filepath.Join(t.TempDir(), "nowhere"))
	assert.ErrorIs(t, err, os.ErrNotExist)
}

func TestFullSet(t *testing.T) {
	dir, ok := Find()
	if !ok {
		t.Skip("NOT TESTED: the full Fashion-MNIST: Debian's package dataset-fashion-mnist is not installed")
	}
	train, test, err := Load(dir)
	require.NoError(t, err)
	assert.Equal(t, []int{60_000, 10_000}, []int{train.Len(), test.Len()})
}
