package nn

import (
	"slices"

	"github.com/gradus-ml/gradus/engine/graph"
	"github.com/gradus-ml/gradus/engine/ops"
)

// combination joins tensors of one shape, element by element.
type combination struct {
	Name
	layerType string
	kind      ops.Combination
	weight    func(inputs int) (first, others float32) // of a sum
}

func newCombination(l combination, options []Name) Merger {
	for _, o := range options {
		l.Name = o
	}
	return &l
}

// Add returns the layer y = x₁ + x₂ + …, a skip connection for one (Keras's Add). Options: Name.
func Add(options ...Name) Merger { return newCombination(sum("Add", evenly), options) }

// Subtract returns the layer y = x₁ − x₂, of exactly two inputs (Keras's Subtract). Options: Name.
func Subtract(options ...Name) Merger {
	return newCombination(sum("Subtract", func(int) (first, others float32) { return 1, -1 }), options)
}

// Average returns the layer y = (x₁ + … + xₙ)/n (Keras's Average). Options: Name.
func Average(options ...Name) Merger {
	return newCombination(sum("Average", func(n int) (first, others float32) { return 1 / float32(n), 1 / float32(n) }), options)
}

// Multiply returns the layer y = x₁·x₂·… (Keras's Multiply). Options: Name.
func Multiply(options ...Name) Merger {
	return newCombination(combination{layerType: "Multiply", kind: ops.Product, weight: evenly}, options)
}

// Maximum returns the layer y = max(x₁, x₂, …) (Keras's Maximum). Options: Name.
func Maximum(options ...Name) Merger {
	return newCombination(combination{layerType: "Maximum", kind: ops.Maximum, weight: evenly}, options)
}

// Minimum returns the layer y = min(x₁, x₂, …) (Keras's Minimum). Options: Name.
func Minimum(options ...Name) Merger {
	return newCombination(combination{layerType: "Minimum", kind: ops.Minimum, weight: evenly}, options)
}

func sum(layerType string, weight func(int) (first, others float32)) combination {
	return combination{layerType: layerType, kind: ops.Sum, weight: weight}
}

func evenly(int) (first, others float32) { return 1, 1 }

// LayerType returns Keras's name of the type.
func (l *combination) LayerType() string { return l.layerType }

// Build is BuildMerge of one input.
func (l *combination) Build(b *Builder, in []int) ([]int, error) { return l.BuildMerge(b, [][]int{in}) }

// BuildMerge implements Merger.
func (l *combination) BuildMerge(b *Builder, in [][]int) ([]int, error) {
	if l.layerType == "Subtract" && len(in) != 2 {
		return nil, b.Errorf(l, "%d inputs, want 2", len(in))
	}
	for i, shape := range in {
		if !slices.Equal(shape, in[0]) {
			return nil, b.Errorf(l, "input %d is %v, want %v, the shape of the first", i, shape, in[0])
		}
	}
	return in[0], nil
}

// Forward returns x: the combination of one.
func (l *combination) Forward(_ *graph.Recorder, x *graph.Tensor) *graph.Tensor { return x }

// ForwardMerge implements Merger.
func (l *combination) ForwardMerge(r *graph.Recorder, x []*graph.Tensor) *graph.Tensor {
	y := x[0]
	first, others := l.weight(len(x))
	for _, other := range x[1:] {
		if l.kind == ops.Sum {
			y = graph.WeightedSum(r, first, y, others, other)
		} else {
			y = graph.Combine(r, l.kind, y, other)
		}
		first = 1 // of what has been summed so far
	}
	return y
}

// Copy returns an unbuilt layer of the same kind.
func (l *combination) Copy() Layer {
	made := *l
	return &made
}

// concatenate joins tensors along their last axis.
type concatenate struct{ Name }

// Concatenate joins its inputs along their last axis, in their order (Keras's Concatenate). All other axes are alike. Options: Name.
func Concatenate(options ...Name) Merger {
	l := &concatenate{}
	for _, o := range options {
		l.Name = o
	}
	return l
}

// Build is BuildMerge of one input.
func (l *concatenate) Build(b *Builder, in []int) ([]int, error) { return l.BuildMerge(b, [][]int{in}) }

// BuildMerge implements Merger.
func (l *concatenate) BuildMerge(b *Builder, in [][]int) ([]int, error) {
	out := slices.Clone(in[0])
	last := len(out) - 1
	for i, shape := range in[1:] {
		if len(shape) != len(out) || !slices.Equal(shape[:last], out[:last]) {
			return nil, b.Errorf(l, "input %d is %v, want %v but for the last axis", i+1, shape, in[0])
		}
		out[last] += shape[last]
	}
	return out, nil
}

// Forward returns x: there is nothing to join.
func (l *concatenate) Forward(_ *graph.Recorder, x *graph.Tensor) *graph.Tensor { return x }

// ForwardMerge implements Merger.
func (l *concatenate) ForwardMerge(r *graph.Recorder, x []*graph.Tensor) *graph.Tensor {
	return graph.Concatenate(r, len(x[0].Shape())-1, x...)
}

// Copy returns an unbuilt layer.
func (l *concatenate) Copy() Layer { return &concatenate{l.Name} }

// slice takes a part of the last axis.
type slice struct {
	Name
	from, to int
}

// Slice takes the features from to to − 1 of the last axis: for a network whose branches look at different features of one input.
// Options: Name.
func Slice(from, to int, options ...Name) Layer {
	l := &slice{from: from, to: to}
	for _, o := range options {
		l.Name = o
	}
	return l
}

func (l *slice) Build(b *Builder, in []int) ([]int, error) {
	out := slices.Clone(in)
	last := len(out) - 1
	if l.from < 0 || l.to > out[last] || l.from >= l.to {
		return nil, b.Errorf(l, "features [%d, %d), want a part of [0, %d) that is not empty", l.from, l.to, out[last])
	}
	out[last] = l.to - l.from
	return out, nil
}

func (l *slice) Forward(r *graph.Recorder, x *graph.Tensor) *graph.Tensor {
	return graph.Slice(r, x, len(x.Shape())-1, l.from, l.to)
}

// Copy returns an unbuilt layer of the same features.
func (l *slice) Copy() Layer { return &slice{l.Name, l.from, l.to} }
