package onnx

import (
	"fmt"
	"reflect"

	"github.com/gradus-ml/gradus/engine/backend"
)

// sizes compares an operation as recorded for each of the batches and returns its whole numbers: −k for one of k for each example.
// Anything else in which the two differ, but for where their operands are, is refused.
func sizes(first, second backend.Op) (map[string]int64, error) {
	if reflect.TypeOf(first) != reflect.TypeOf(second) {
		return nil, fmt.Errorf("it is %s for %d examples and %s for %d", first.Name(), batches[0], second.Name(), batches[1])
	}
	a, b := reflect.ValueOf(first), reflect.ValueOf(second)
	found := map[string]int64{}
	if a.Kind() != reflect.Struct {
		return found, nil
	}
	for i := range a.NumField() {
		field := a.Type().Field(i)
		if !field.IsExported() || field.Type == reflect.TypeFor[backend.Region]() {
			continue
		}
		if field.Type.Kind() == reflect.Int {
			n, ok := perExample(a.Field(i).Int(), b.Field(i).Int())
			if ok {
				found[field.Name] = n
				continue
			}
		} else if reflect.DeepEqual(a.Field(i).Interface(), b.Field(i).Interface()) {
			continue
		}
		return nil, fmt.Errorf("%s: %s is %v for %d examples and %v for %d, want the same or in proportion",
			first.Name(), field.Name, a.Field(i), batches[0], b.Field(i), batches[1])
	}
	return found, nil
}

// perExample returns a number that is the same for each of the batches, or −k for one that is k for each example.
func perExample(first, second int64) (n int64, ok bool) {
	k := first / int64(batches[0])
	switch {
	case first == second:
		return first, true
	case first == k*int64(batches[0]) && second == k*int64(batches[1]):
		return -k, true
	}
	return 0, false
}
