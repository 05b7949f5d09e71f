package data

import (
	"fmt"
	"slices"

	"github.com/gradus-ml/gradus/engine/random"
)

// splitStreams is the number of the random stream that splits draw from.
const splitStreams = 1 << 34

// byClass lists the numbers of the examples of each class, in random order; of a set with targets, all together.
func (s *Set) byClass(seed uint64) [][]int {
	classes := make([][]int, max(1, s.Classes()))
	for i := range s.Len() {
		class := 0 // all are alike where there are targets
		if len(s.Labels) > 0 {
			class = s.Labels[i]
		}
		classes[class] = append(classes[class], i)
	}
	stream := random.NewStream(seed, splitStreams)
	for _, numbers := range classes {
		order := make([]uint32, len(numbers))
		stream.Shuffle(order)
		shuffled := slices.Clone(numbers)
		for i, j := range order {
			numbers[i] = shuffled[j]
		}
	}
	return classes
}

// Split divides the examples into two sets, drawn at random, so that each class has the given share of its examples in the
// first, rounded, and the rest in the second. Both keep the order of s. The share is more than 0 and less than 1; neither set may be empty.
func (s *Set) Split(share float64, seed uint64) (first, second *Set, err error) {
	if err := s.Check(); err != nil {
		return nil, nil, err
	}
	if !(share > 0 && share < 1) {
		return nil, nil, fmt.Errorf("data: split: share is %v, want more than 0 and less than 1", share)
	}
	var in, out []int
	for _, numbers := range s.byClass(seed) {
		n := int(share*float64(len(numbers)) + 0.5)
		in, out = append(in, numbers[:n]...), append(out, numbers[n:]...)
	}
	if len(in) == 0 || len(out) == 0 {
		return nil, nil, fmt.Errorf("data: split: a share of %v of %d examples leaves a set empty", share, s.Len())
	}
	return s.pair(in, out)
}

// pair selects two lists of examples, each in the order of s.
func (s *Set) pair(a, b []int) (first, second *Set, err error) {
	slices.Sort(a)
	slices.Sort(b)
	if first, err = s.Select(a); err == nil {
		second, err = s.Select(b)
	}
	return first, second, err
}

// A Fold is one way to divide a set for cross-validation.
type Fold struct{ Train, Validation *Set }

// KFold divides the examples k times, so that each example is once in a validation set and each class is spread evenly over
// the validation sets. k is 2 to the number of examples.
func (s *Set) KFold(k int, seed uint64) ([]Fold, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	if k < 2 || k > s.Len() {
		return nil, fmt.Errorf("data: k-fold: k is %d, want 2 to %d, the number of examples", k, s.Len())
	}
	parts, next := make([][]int, k), 0
	for _, numbers := range s.byClass(seed) {
		for _, i := range numbers { // dealt out like cards, from class to class
			parts[next%k] = append(parts[next%k], i)
			next++
		}
	}
	folds := make([]Fold, k)
	for i := range folds {
		var rest []int
		for j, part := range parts {
			if j != i {
				rest = append(rest, part...)
			}
		}
		var err error
		if folds[i].Validation, folds[i].Train, err = s.pair(slices.Clone(parts[i]), rest); err != nil {
			return nil, err
		}
	}
	return folds, nil
}
