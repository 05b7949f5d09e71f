package data

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func valid() *Set {
	return &Set{Shape: []int{2}, Floats: []float32{1, 2, 3, 4, 5, 6}, Labels: []int{0, 2, 1}}
}

func TestCheck(t *testing.T) {
	require.NoError(t, valid().Check())
	for name, row := range map[string]struct {
		spoil func(s *Set)
		text  string
	}{
		"no shape":             {func(s *Set) { s.Shape = nil }, "no shape"},
		"an axis of zero":      {func(s *Set) { s.Shape = []int{2, 0} }, "shape is [2 0]"},
		"nothing":              {func(s *Set) { s.Floats = nil }, "the set is empty"},
		"both":                 {func(s *Set) { s.Bytes = make([]byte, 6) }, "both Bytes and Floats"},
		"half an example":      {func(s *Set) { s.Floats = s.Floats[:5] }, "5 features, want a multiple of 2"},
		"too few labels":       {func(s *Set) { s.Labels = s.Labels[:2] }, "2 labels for 3 examples"},
		"a negative label":     {func(s *Set) { s.Labels[1] = -1 }, "label 1 is -1"},
		"a label with no name": {func(s *Set) { s.Names = []string{"a", "b"} }, "label 1 is 2, want 0 to 1"},
		"NaN":                  {func(s *Set) { s.Floats[3] = float32(math.NaN()) }, "example 1, feature 1 is NaN"},
		"infinity":             {func(s *Set) { s.Floats[4] = float32(math.Inf(-1)) }, "example 2, feature 0 is -Inf"},
		"a negative scale":     {func(s *Set) { s.Scale = -1 }, "scale is -1"},
	} {
		t.Run(name, func(t *testing.T) {
			s := valid()
			row.spoil(s)
			assert.ErrorContains(t, s.Check(), row.text)
		})
	}
}

func TestParts(t *testing.T) {
	s := valid()
	part, err := s.Slice(1, 3)
	require.NoError(t, err)
	assert.Equal(t, &Set{Shape: []int{2}, Floats: []float32{3, 4, 5, 6}, Labels: []int{2, 1}}, part)
	chosen, err := s.Select([]int{2, 0, 2})
	require.NoError(t, err)
	assert.Equal(t, &Set{Shape: []int{2}, Floats: []float32{5, 6, 1, 2, 5, 6}, Labels: []int{1, 0, 1}}, chosen)
	bytes := &Set{Shape: []int{1}, Bytes: []byte{7, 8, 9}}
	part, err = bytes.Slice(0, 2)
	require.NoError(t, err)
	assert.Equal(t, []byte{7, 8}, part.Bytes)
	assert.Equal(t, 3, s.Classes())
	s.Inputs = []Features{{Shape: []int{1}, Bytes: []byte{7, 8, 9}}}
	part, err = s.Slice(1, 2)
	require.NoError(t, err)
	assert.Equal(t, []byte{8}, part.Inputs[0].Bytes)
	chosen, err = s.Select([]int{2, 0})
	require.NoError(t, err)
	assert.Equal(t, []byte{9, 7}, chosen.Inputs[0].Bytes)
	assert.Equal(t, []byte{7, 8, 9}, s.Inputs[0].Bytes)
	for _, r := range [][2]int{{-1, 2}, {0, 4}, {2, 2}, {3, 1}} {
		_, err := s.Slice(r[0], r[1])
		assert.ErrorContains(t, err, "of 3")
	}
	_, err = s.Select([]int{0, 3})
	assert.ErrorContains(t, err, "number 1 is 3, want 0 to 2")
}

func TestMoments(t *testing.T) {
	mean, variance := (&Set{Shape: []int{2, 2}, Floats: []float32{1, 10, 3, 10, 5, 10, 7, 10}}).Moments()
	assert.Equal(t, []float64{4, 10}, mean)
	assert.Equal(t, []float64{5, 0}, variance)
	mean, variance = (&Set{Shape: []int{1}, Bytes: []byte{0, 255}}).Moments()
	assert.InDeltaSlice(t, []float64{0.5}, mean, 1e-15)
	assert.InDeltaSlice(t, []float64{0.25}, variance, 1e-15)
}
