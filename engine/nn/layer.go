// Package nn holds layers and networks: what a model is made of, described without any device.
//
// Names, formulas and defaults are Keras 3's unless a comment says otherwise.
package nn

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"github.com/gradus-ml/gradus/engine/graph"
)

// A Layer maps a tensor to a tensor. Forward is written with the functions of package graph; its gradient follows.
// Layers can be written outside this package: nothing needs to be registered. A layer belongs to one network.
type Layer interface {
	// Build is called once, before anything else, with the shape of one input example. It declares the
	// layer's variables and returns the shape of one output example.
	Build(b *Builder, in []int) (out []int, err error)
	// Forward records the layer for a batch: x is [batch in…], the result [batch out…].
	Forward(r *graph.Recorder, x *graph.Tensor) *graph.Tensor
}

// Named is implemented by layers that may carry a name of the user's own. The empty name asks for the default,
// the layer's type in snake case, numbered from its second use on: dense, dense_1, dense_2.
type Named interface{ LayerName() string }

// A Builder collects what one layer declares.
type Builder struct {
	name      string
	variables []*graph.Variable
}

// Name returns the layer's name, unique in its network.
func (b *Builder) Name() string { return b.name }

// Variable declares a variable of the layer and returns it: name "kernel" in layer "dense" becomes "dense/kernel".
func (b *Builder) Variable(name string, shape []int, trainable bool, init Initializer) *graph.Variable {
	v := &graph.Variable{Name: b.name + "/" + name, Shape: slices.Clone(shape), Trainable: trainable, Fill: init.fill(shape)}
	b.variables = append(b.variables, v)
	return v
}

// Errorf returns an error that names the layer: nn: Dense "dense_1": …
func (b *Builder) Errorf(layer Layer, format string, args ...any) error {
	return fmt.Errorf("nn: %s %q: %w", TypeOf(layer), b.name, fmt.Errorf(format, args...))
}

// TypeOf returns the name of the layer's type: Dense, BatchNormalization. A layer can say another with a method LayerType.
func TypeOf(layer Layer) string {
	if named, ok := layer.(interface{ LayerType() string }); ok {
		return named.LayerType()
	}
	t := reflect.TypeOf(layer)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	name := []rune(t.Name())
	if len(name) > 0 {
		name[0] = unicode.ToUpper(name[0])
	}
	return string(name)
}

// snakeCase turns BatchNormalization into batch_normalization and RMSNormalization into rms_normalization.
func snakeCase(s string) string {
	var out strings.Builder
	letters := []rune(s)
	for i, c := range letters {
		begins := i > 0 && unicode.IsUpper(c) &&
			(unicode.IsLower(letters[i-1]) || i+1 < len(letters) && unicode.IsLower(letters[i+1]))
		if begins {
			out.WriteByte('_')
		}
		out.WriteRune(unicode.ToLower(c))
	}
	return out.String()
}

// Name is an option of every layer: the name under which it appears in summaries, errors and variables.
type Name string

// LayerName implements Named, so that a layer can embed the option.
func (n Name) LayerName() string { return string(n) }
