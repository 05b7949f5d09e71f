package nn

import "github.com/gradus-ml/gradus/engine/graph"

type flatten struct{ features int }

// Flatten turns each example into one axis: [28 28] becomes [784]. It copies nothing.
func Flatten() Layer { return &flatten{} }

func (l *flatten) Build(_ *Builder, in []int) ([]int, error) {
	l.features = graph.Size(in)
	return []int{l.features}, nil
}

func (l *flatten) Forward(r *graph.Recorder, x *graph.Tensor) *graph.Tensor {
	return graph.Reshape(r, x, x.Shape()[0], l.features)
}
