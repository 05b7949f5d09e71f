package nn

import (
	"fmt"

	"github.com/gradus-ml/gradus/engine/graph"
)

type input struct{ shape []int }

// Input begins a network and says the shape of one example: Input(28, 28) for a grey image, Input(8) for eight features.
// Every axis must be at least 1.
func Input(shape ...int) Layer { return &input{shape} }

func (l *input) Build(*Builder, []int) ([]int, error) {
	if len(l.shape) == 0 {
		return nil, fmt.Errorf("nn: Input: no axes, want at least one")
	}
	for _, d := range l.shape {
		if d < 1 {
			return nil, fmt.Errorf("nn: Input: shape is %v, want axes of at least 1", l.shape)
		}
	}
	return l.shape, nil
}

func (l *input) Forward(_ *graph.Recorder, x *graph.Tensor) *graph.Tensor { return x }
