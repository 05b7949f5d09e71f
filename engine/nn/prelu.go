package nn

import (
	"fmt"
	"slices"

	"github.com/gradus-ml/gradus/engine/graph"
)

type prelu struct {
	init   Initializer
	shared SharedAxes
}

// A PReLUOption changes a PReLU: an Initializer for its slopes, or SharedAxes.
type PReLUOption interface{ prelu(*prelu) }

// SharedAxes are the axes over which a PReLU has one slope, counted from 1, since axis 0 is the batch. The axes that are left must
// be neighbours.
type SharedAxes []int

func (i Initializer) prelu(l *prelu) { l.init = i }
func (s SharedAxes) prelu(l *prelu)  { l.shared = s }

// PReLU is x for x > 0, else alpha·x, where alpha is learned: one for each element of an example, or for each element of the axes
// that are not shared (He, Zhang, Ren and Sun, 2015; Keras's layer PReLU). The slopes start at 0, as in Keras, unless
// an Initializer is given; the paper starts at 0.25.
//
//	nn.PReLU(nn.Constant(0.25))      // a slope for each element
//	nn.PReLU(nn.SharedAxes{1, 2})    // images of [height width channels]: a slope for each channel
//
// The layer that it belongs to has the slopes as its variable "alpha".
func PReLU(options ...PReLUOption) ActivationFunc {
	f := &prelu{init: Zeros}
	for _, o := range options {
		o.prelu(f)
	}
	return ActivationFunc{name: preluName, build: f.build, prelu: f}
}

func (f *prelu) build(b *Builder, shape []int) (forward, error) {
	slopes, err := f.shared.of(shape)
	if err != nil {
		return nil, fmt.Errorf("prelu: %w", err)
	}
	if err := f.init.checkOn(slopes); err != nil {
		return nil, fmt.Errorf("prelu: alpha: %w", err)
	}
	alpha := b.Variable("alpha", slopes, true, f.init)
	return func(r *graph.Recorder, x *graph.Tensor) *graph.Tensor { return graph.PReLU(r, x, r.Variable(alpha)) }, nil
}

// of returns the shape with 1 for each shared axis.
func (s SharedAxes) of(shape []int) ([]int, error) {
	part := slices.Clone(shape)
	for i, axis := range s {
		if axis < 1 || axis > len(shape) || slices.Contains(s[:i], axis) {
			return nil, fmt.Errorf("shared axes are %v, want different ones from 1 to %d", []int(s), len(shape))
		}
		part[axis-1] = 1
	}
	if _, _, _, ok := graph.Shared(shape, part); !ok {
		return nil, fmt.Errorf("shared axes are %v, want the others of %v to be neighbours", []int(s), shape)
	}
	return part, nil
}
