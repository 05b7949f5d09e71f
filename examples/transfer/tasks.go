package main

import (
	"slices"

	"github.com/gradus-ml/gradus/engine/data"
)

// divide gives task B its two classes, few of them to train on, and task A the others. Labels count anew from 0.
func divide(train, test *data.Set) (t tasks, err error) {
	var othersA []int
	for class := range len(train.Names) {
		if !slices.Contains(classesB, class) {
			othersA = append(othersA, class)
		}
	}
	for _, part := range []struct {
		into    **data.Set
		from    *data.Set
		classes []int
		most    int // of each class
	}{
		{&t.trainA, train, othersA, train.Len()}, {&t.testA, test, othersA, test.Len()},
		{&t.trainB, train, classesB, instancesPerClass}, {&t.testB, test, classesB, test.Len()},
	} {
		if *part.into, err = only(part.from, part.classes, part.most); err != nil {
			return t, err
		}
	}
	return t, nil
}

// only selects the first examples of the classes.
func only(set *data.Set, classes []int, most int) (*data.Set, error) {
	var numbers []int
	kept := make([]int, set.Classes())
	for i, label := range set.Labels {
		if slices.Contains(classes, label) && kept[label] < most {
			kept[label]++
			numbers = append(numbers, i)
		}
	}
	chosen, err := set.Select(numbers)
	if err != nil {
		return nil, err
	}
	chosen.Names = nil
	for i, label := range chosen.Labels {
		chosen.Labels[i] = slices.Index(classes, label)
	}
	for _, class := range classes {
		chosen.Names = append(chosen.Names, set.Names[class])
	}
	return chosen, nil
}
