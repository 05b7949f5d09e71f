package main

import (
	"fmt"

	"github.com/gradus-ml/gradus/engine/data/fashion"
)

// validationShare of the training examples, the first ones, are kept for validation.
const validationShare = 1.0 / 12

// load reads Fashion-MNIST from where the flag says and sets the validation part aside.
func load(dir string) (datasets, error) {
	sets := datasets{from: "Fashion-MNIST in " + dir}
	switch dir {
	case "":
		found, ok := fashion.Find()
		if !ok {
			return load("embedded")
		}
		return load(found)
	case "embedded":
		sets.from, dir = "the embedded subset of Fashion-MNIST", ""
	}
	train, test, err := fashion.Load(dir)
	if err != nil {
		return sets, err
	}
	n := int(float64(train.Len()) * validationShare)
	if sets.validation, err = train.Slice(0, n); err == nil {
		sets.train, err = train.Slice(n, train.Len())
	}
	if err != nil {
		return sets, fmt.Errorf("setting %d examples aside: %w", n, err)
	}
	sets.test = test
	return sets, nil
}
