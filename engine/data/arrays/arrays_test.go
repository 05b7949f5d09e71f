package arrays

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/data"
	"github.com/gradus-ml/gradus/engine/npy"
)

func save(t testing.TB, dir, name string, shape []int, values ...float32) string {
	t.Helper()
	path := filepath.Join(dir, name)
	f, err := os.Create(path)
	require.NoError(t, err)
	require.NoError(t, npy.Write(f, shape, values))
	require.NoError(t, f.Close())
	return path
}

func ExampleReadNPZ() {
	set, err := ReadNPZ("testdata/points.npz", Arrays{Features: "x", Labels: "y"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(set.Len(), set.Shape, set.Floats, set.Labels)
	// Output: 3 [2] [1 2 3 4 5 6] [0 2 1]
}

func TestReadNPY(t *testing.T) {
	dir := t.TempDir()
	a := Arrays{Features: save(t, dir, "x", []int{2, 2, 1}, 0, 255, 7, 8), Bytes: true, Targets: save(t, dir, "t", []int{2}, 1.5, 2), Weights: save(t, dir, "w", []int{2}, 1, 0),
		Inputs: []string{save(t, dir, "z", []int{2}, 3, 4)}}
	set, err := ReadNPY(a)
	require.NoError(t, err)
	assert.Equal(t, &data.Set{Shape: []int{2, 1}, Bytes: []byte{0, 255, 7, 8}, Targets: []float32{1.5, 2}, TargetShape: []int{1}, Weights: []float32{1, 0},
		Inputs: []data.Features{{Shape: []int{1}, Bytes: []byte{3, 4}}}}, set)
}

func TestRefused(t *testing.T) {
	dir := t.TempDir()
	x := save(t, dir, "x", []int{3, 2}, 1, 2, 3, 4, 5, 600)
	long := save(t, dir, "long", []int{1}, 1)
	f, err := os.OpenFile(long, os.O_APPEND|os.O_WRONLY, 0)
	require.NoError(t, err)
	_, err = f.WriteString("x")
	require.NoError(t, err)
	f.Close()
	for _, row := range []struct {
		a    Arrays
		want string
	}{
		{Arrays{}, "Features is missing"},
		{Arrays{Features: filepath.Join(dir, "none")}, "none: no such file"},
		{Arrays{Features: x, Labels: save(t, dir, "two", []int{2}, 1, 2)}, "two is [2], want 3 examples"},
		{Arrays{Features: x, Labels: save(t, dir, "half", []int{3}, 1, 0.5, 2)}, "half: label 1 is 0.5, want a whole number"},
		{Arrays{Features: x, Labels: save(t, dir, "minus", []int{3}, 1, -1, 2)}, "label 1 is -1"},
		{Arrays{Features: x, Labels: x}, "want [n] or [n 1] for labels"},
		{Arrays{Features: x, Bytes: true}, "element 5 is 600, want a whole number from 0 to 255"},
		{Arrays{Features: save(t, dir, "one", nil, 5)}, "is a single number"},
		{Arrays{Features: long}, "more bytes than the array has"},
		{Arrays{Features: x, Targets: x, Weights: save(t, dir, "w", []int{3}, 1, -1, 1)}, "the weight of example 1 is -1"},
	} {
		_, err := ReadNPY(row.a)
		assert.ErrorContains(t, err, row.want)
	}
	_, err = ReadNPZ(x, Arrays{Features: "x"})
	assert.ErrorContains(t, err, "zip")
}

func TestStreamIsTheFile(t *testing.T) {
	dir, values, labels := t.TempDir(), make([]float32, 21*3), make([]float32, 21)
	for i := range values {
		values[i], labels[i/3] = float32(i), float32(i/3%4)
	}
	a := Arrays{Features: save(t, dir, "x", []int{21, 3}, values...), Labels: save(t, dir, "y", []int{21, 1}, labels...)}
	want, err := ReadNPY(a)
	require.NoError(t, err)
	for _, part := range []int{0, 1, 4, 21, 50} {
		got := &data.Set{Shape: []int{3}}
		for p, err := range StreamNPY(a, part).Parts(context.Background(), 0) {
			require.NoError(t, err)
			got.Floats, got.Labels = append(got.Floats, p.Floats...), append(got.Labels, p.Labels...)
		}
		assert.Equal(t, want, got)
	}
	a.Labels = save(t, dir, "y", []int{20}, labels[:20]...)
	for _, err = range StreamNPY(a, 4).Parts(context.Background(), 0) {
	}
	assert.ErrorContains(t, err, "has")
}

// FuzzSet makes sets of any arrays: they are refused, or what comes of them holds together.
func FuzzSet(f *testing.F) {
	file := func(shape []int, values ...float32) []byte {
		var b bytes.Buffer
		require.NoError(f, npy.Write(&b, shape, values))
		return b.Bytes()
	}
	f.Add(file([]int{2, 2}, 0, 255, 7, 8), file([]int{2}, 1, 0), file([]int{2, 1}, 0.5, 2), true)
	f.Add(file([]int{3}, 1, 2, -3), file([]int{3, 1}, 0, 1, 2), file([]int{3, 2}, 1, 2, 3, 4, 5, 6), false)
	f.Add(file([]int{0, 2}), file([]int{0}), file(nil, 1), false)
	f.Fuzz(func(t *testing.T, features, labels, targets []byte, small bool) {
		files := map[string][]byte{"x": features, "y": labels, "t": targets}
		for _, a := range []Arrays{{Features: "x"}, {Features: "x", Labels: "y"}, {Features: "x", Inputs: []string{"t"}, Targets: "t", Weights: "y"}} {
			a.Bytes = small
			set, err := a.set(func(name string) (array, error) {
				r, err := npy.NewReader(bytes.NewReader(files[name]))
				if err != nil {
					return array{}, err
				}
				values, err := r.ReadAll()
				return array{name, r.Shape(), values}, err
			})
			if err != nil {
				continue
			}
			if err := set.CheckExamples(); err != nil {
				t.Fatalf("a set that does not hold together: %v", err)
			}
		}
	})
}
