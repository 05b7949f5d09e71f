package data_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/data"
)

// lopsided has six examples of class 0, none of class 1, three of class 2 and one of class 3.
func lopsided() *data.Set {
	s := &data.Set{Shape: []int{1}, Labels: []int{0, 0, 2, 0, 3, 0, 2, 0, 0, 2}, Names: []string{"a", "b", "c", "d"}}
	for i := range s.Labels {
		s.Floats = append(s.Floats, float32(i))
	}
	return s
}

func ExampleSet_ClassReport() {
	fmt.Print(lopsided().ClassReport())
	// Output:
	// class  examples   share
	//     0         6   60.0%  a
	//     1         0    0.0%  b
	//     2         3   30.0%  c
	//     3         1   10.0%  d
}

func ExampleSet_BalancedWeights() {
	weights, err := lopsided().BalancedWeights() // for engine.Fit.ClassWeight
	fmt.Println(weights, err)
	// Output: map[0:0.5555556 2:1.1111112 3:3.3333333] <nil>
}

func ExampleSet_OneHot() {
	set, err := (&data.Set{Shape: []int{1}, Floats: []float32{5, 6, 7}, Labels: []int{2, 0, 1}}).OneHot()
	fmt.Println(set.TargetShape, set.Targets, err)
	// Output: [3] [0 0 1 1 0 0 0 1 0] <nil>
}

func ExampleStandardizer() {
	train := &data.Set{Shape: []int{2}, Floats: []float32{1, 7, 3, 7, 5, 7}, Labels: []int{0, 1, 0}}
	z, err := train.Standardizer()
	if err != nil {
		fmt.Println(err)
		return
	}
	test, err := z.Apply(&data.Set{Shape: []int{2}, Floats: []float32{3, 8}, Labels: []int{0}})
	fmt.Println(z.Mean, test.Floats, err)
	// Output: [3 7] [0 0] <nil>
}

func TestOversample(t *testing.T) {
	s, err := lopsided().Oversample(1)
	require.NoError(t, err)
	assert.Equal(t, []int{6, 0, 6, 6}, s.ClassCounts())
	assert.Equal(t, lopsided().Floats, s.Floats[:10], "the set itself comes first")
	times := map[float32]int{}
	for i, v := range s.Floats {
		assert.Equal(t, lopsided().Labels[int(v)], s.Labels[i])
		times[v]++
	}
	assert.Equal(t, []int{1, 2, 6}, []int{times[0], times[2], times[4]}, "each of a class as often as the others")
	again, err := lopsided().Oversample(1)
	require.NoError(t, err)
	assert.Equal(t, s, again)
}

func TestStandardize(t *testing.T) {
	s := &data.Set{Shape: []int{2, 2}, Bytes: []byte{0, 10, 255, 10, 51, 10, 7, 10}, Weights: []float32{1, 2}, Labels: []int{0, 1}}
	z, err := s.Standardizer()
	require.NoError(t, err)
	made, err := z.Apply(s)
	require.NoError(t, err)
	mean, variance := made.Moments()
	assert.InDeltaSlice(t, []float64{0, 0}, mean, 1e-6)
	assert.InDeltaSlice(t, []float64{1, 0}, variance, 1e-6)
	assert.Equal(t, s.Weights, made.Weights)
	_, err = z.Apply(&data.Set{Shape: []int{3}, Floats: []float32{1, 2, 3}})
	assert.ErrorContains(t, err, "the last axis of [3] has 3 features, want 2")
	_, err = (&data.Set{Shape: []int{1}, Floats: []float32{float32(math.NaN())}}).Standardizer()
	assert.Error(t, err)
}

func TestBalanceRefused(t *testing.T) {
	bare := &data.Set{Shape: []int{1}, Floats: []float32{1}, Targets: []float32{1}, TargetShape: []int{1}}
	_, err := bare.BalancedWeights()
	assert.ErrorContains(t, err, "no labels")
	_, err = bare.Oversample(1)
	assert.ErrorContains(t, err, "no labels")
	_, err = bare.OneHot()
	assert.ErrorContains(t, err, "no labels")
	bad := lopsided()
	bad.Labels[3] = -1
	_, err = bad.Oversample(1)
	assert.ErrorContains(t, err, "label 3 is -1")
}
