package data

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// regression has 10 examples; the feature, the weight and the first target of each are its number, the second target is 100 more.
func regression() *Set {
	s := &Set{Shape: []int{1}, TargetShape: []int{2}}
	second := Answers{}
	for i := range 10 {
		v := float32(i)
		s.Floats, s.Weights = append(s.Floats, v), append(s.Weights, v)
		s.Targets = append(s.Targets, v, 100+v)
		second.Labels = append(second.Labels, i)
	}
	s.Outputs = []Answers{second}
	return s
}

// follow asserts that everything that belongs to an example has gone where its feature went.
func follow(t *testing.T, s *Set) {
	t.Helper()
	require.NoError(t, s.Check())
	for i, v := range s.Floats {
		assert.Equal(t, []float32{v, 100 + v}, s.Targets[2*i:2*i+2], "targets of example %d", i)
		assert.Equal(t, v, s.Weights[i], "weight of example %d", i)
		assert.Equal(t, int(v), s.Outputs[0].Labels[i], "label of output 1 of example %d", i)
	}
}

func TestAnswersFollowExamples(t *testing.T) {
	part, err := regression().Slice(3, 7)
	require.NoError(t, err)
	assert.Equal(t, []float32{3, 4, 5, 6}, part.Floats)
	follow(t, part)
	chosen, err := regression().Select([]int{9, 0, 9})
	require.NoError(t, err)
	assert.Equal(t, []float32{9, 0, 9}, chosen.Floats)
	follow(t, chosen)
	first, second, err := regression().Split(0.7, 1)
	require.NoError(t, err)
	assert.Equal(t, []int{7, 3}, []int{first.Len(), second.Len()})
	follow(t, first)
	follow(t, second)
	folds, err := regression().KFold(3, 1)
	require.NoError(t, err)
	for _, fold := range folds {
		follow(t, fold.Train)
		follow(t, fold.Validation)
	}
}

func TestAnswersRefused(t *testing.T) {
	require.NoError(t, regression().Check())
	for name, row := range map[string]struct {
		spoil func(s *Set)
		text  string
	}{
		"labels too":         {func(s *Set) { s.Labels = make([]int, 10) }, "both Labels and Targets"},
		"no shape":           {func(s *Set) { s.TargetShape = nil }, "20 targets of shape [] for 10 examples"},
		"an axis of zero":    {func(s *Set) { s.TargetShape = []int{0} }, "20 targets of shape [0] for 10 examples"},
		"too few targets":    {func(s *Set) { s.Targets = s.Targets[:19] }, "19 targets of shape [2] for 10 examples"},
		"a target of NaN":    {func(s *Set) { s.Targets[5] = float32(math.NaN()) }, "target 1 of example 2 is NaN"},
		"an infinite target": {func(s *Set) { s.Targets[4] = float32(math.Inf(1)) }, "target 0 of example 2 is +Inf"},
		"too few weights":    {func(s *Set) { s.Weights = s.Weights[:9] }, "9 weights for 10 examples"},
		"a negative weight":  {func(s *Set) { s.Weights[3] = -0.5 }, "the weight of example 3 is -0.5, want a finite number of at least 0"},
		"a weight of NaN":    {func(s *Set) { s.Weights[3] = float32(math.NaN()) }, "the weight of example 3 is NaN"},
		"an infinite weight": {func(s *Set) { s.Weights[3] = float32(math.Inf(1)) }, "the weight of example 3 is +Inf"},
		"another output":     {func(s *Set) { s.Outputs[0].Labels = []int{1} }, "output 1: data: 1 labels for 10 examples"},
	} {
		t.Run(name, func(t *testing.T) {
			s := regression()
			row.spoil(s)
			assert.ErrorContains(t, s.Check(), row.text)
		})
	}
}
