package data

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// uneven has 60 examples of class 0, 30 of class 1 and 10 of class 2; feature 0 is the example's number.
func uneven() *Set {
	s := &Set{Shape: []int{1}}
	for i := range 100 {
		s.Floats = append(s.Floats, float32(i))
		s.Labels = append(s.Labels, map[bool]int{true: 0, false: map[bool]int{true: 1, false: 2}[i%10 < 9]}[i%10 < 6])
	}
	return s
}

func counts(s *Set) []int {
	n := make([]int, 3)
	for _, label := range s.Labels {
		n[label]++
	}
	return n
}

func ExampleSet_Split() {
	train, validation, err := uneven().Split(0.9, 42)
	if err != nil {
		panic(err)
	}
	fmt.Println(train.Len(), validation.Len(), counts(validation))
	// Output: 90 10 [6 3 1]
}

func TestSplit(t *testing.T) {
	first, second, err := uneven().Split(0.7, 1)
	require.NoError(t, err)
	assert.Equal(t, []int{42, 21, 7}, counts(first))
	assert.Equal(t, []int{18, 9, 3}, counts(second))
	all := append(slices.Clone(first.Floats), second.Floats...)
	slices.Sort(all)
	assert.Equal(t, uneven().Floats, all, "every example is in one of the sets")
	assert.True(t, slices.IsSorted(first.Floats))
	again, _, err := uneven().Split(0.7, 1)
	require.NoError(t, err)
	assert.Equal(t, first, again)
	other, _, err := uneven().Split(0.7, 2)
	require.NoError(t, err)
	assert.NotEqual(t, first.Floats, other.Floats)
	for _, share := range []float64{0, 1, -0.5, 2} {
		_, _, err := uneven().Split(share, 1)
		assert.ErrorContains(t, err, "want more than 0 and less than 1")
	}
	_, _, err = uneven().Split(0.001, 1)
	assert.ErrorContains(t, err, "leaves a set empty")
}

func TestKFold(t *testing.T) {
	folds, err := uneven().KFold(7, 1)
	require.NoError(t, err)
	var all []float32
	for _, f := range folds {
		all = append(all, f.Validation.Floats...)
		assert.Equal(t, 100, f.Train.Len()+f.Validation.Len())
		for class, n := range counts(f.Validation) {
			assert.InDelta(t, []float64{60.0 / 7, 30.0 / 7, 10.0 / 7}[class], float64(n), 1)
		}
		for _, v := range f.Validation.Floats {
			assert.NotContains(t, f.Train.Floats, v)
		}
	}
	slices.Sort(all)
	assert.Equal(t, uneven().Floats, all, "every example is once in a validation set")
	for _, k := range []int{-1, 0, 1, 101} {
		_, err := uneven().KFold(k, 1)
		assert.ErrorContains(t, err, "want 2 to 100")
	}
}
