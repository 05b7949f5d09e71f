package engine

import (
	"fmt"
	"math"
	"slices"

	"github.com/gradus-ml/gradus/engine/data"
)

// checkClassWeight refuses weights of classes that there cannot be, and weights that are not.
func checkClassWeight(train material, weights map[int]float32) error {
	set, classes := train.set, train.set.Classes()
	if train.stream != nil && len(set.Names) == 0 {
		classes = math.MaxInt32 // the first part need not have all
	}
	if len(weights) > 0 && len(set.Labels) == 0 {
		return fmt.Errorf("class weights for a set without labels")
	}
	for class, w := range weights {
		if class < 0 || class >= classes {
			return fmt.Errorf("class weight of class %d, want 0 to %d", class, classes-1)
		}
		if !(w >= 0 && w <= maxWeight) {
			return fmt.Errorf("the weight of class %d is %v, want 0 to %v", class, w, float32(maxWeight))
		}
	}
	return nil
}

// weighted returns the set with its examples' weights multiplied by those of their classes, as Keras does it.
func weighted(set *data.Set, weights map[int]float32) *data.Set {
	if len(weights) == 0 {
		return set
	}
	made := *set
	made.Weights = slices.Clone(set.Weights)
	if made.Weights == nil {
		made.Weights = slices.Repeat([]float32{1}, set.Len())
	}
	for i, label := range set.Labels {
		if w, ok := weights[label]; ok {
			made.Weights[i] *= w
		}
	}
	return &made
}
