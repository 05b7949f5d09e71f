package nn

import (
	"math"
	"slices"

	"github.com/gradus-ml/gradus/engine/graph"
	"github.com/gradus-ml/gradus/engine/random"
)

type normalization struct {
	Name
	mean, variance   []float64
	means, variances *graph.Variable
}

// Normalization brings each feature of the last axis to mean 0 and variance 1, by statistics that are given: those of the training
// data, from data.Set.Moments (Keras's Normalization layer, whose adapt this replaces):
//
//	y = (x − mean)/√(variance + 1e-14)
//
// It learns nothing. Unlike BatchNorm it does the same in training and inference. Options: Name.
//
//	mean, variance := train.Moments()
//	nn.Normalization(mean, variance)
func Normalization(mean, variance []float64, options ...Name) Layer {
	l := &normalization{mean: mean, variance: variance}
	for _, o := range options {
		l.Name = o
	}
	return l
}

func (l *normalization) Build(b *Builder, in []int) ([]int, error) {
	features := in[len(in)-1]
	if len(l.mean) != features || len(l.variance) != features {
		return nil, b.Errorf(l, "%d means and %d variances, want %d, one for each feature of the last axis of %v",
			len(l.mean), len(l.variance), features, in)
	}
	for i, v := range l.variance {
		if !(v >= 0) || math.IsInf(v, 0) || math.IsNaN(l.mean[i]) || math.IsInf(l.mean[i], 0) {
			return nil, b.Errorf(l, "feature %d has mean %v and variance %v, want finite numbers, the variance at least 0", i, l.mean[i], v)
		}
	}
	l.means = b.fixed("mean", l.mean)
	l.variances = b.fixed("variance", l.variance)
	return in, nil
}

// fixed declares a variable that is not trained and holds the values.
func (b *Builder) fixed(name string, values []float64) *graph.Variable {
	v := b.Variable(name, []int{len(values)}, false, Zeros)
	v.Fill = func(_ *random.Stream, dst []float32) {
		for i := range dst {
			dst[i] = float32(values[i])
		}
	}
	return v
}

// leastVariance keeps a feature that never varies finite: the square of Keras's least deviation, 1e-7.
const leastVariance = 1e-14

func (l *normalization) Forward(r *graph.Recorder, x *graph.Tensor) *graph.Tensor {
	features := len(l.mean)
	return graph.BatchNorm(r, x, graph.Normalization{
		Gamma: r.Constant(slices.Repeat([]float32{1}, features), features), Beta: r.Constant(make([]float32, features), features),
		MovingMean: r.Variable(l.means), MovingVariance: r.Variable(l.variances), Epsilon: leastVariance, Frozen: true})
}

// Copy returns an unbuilt layer with the same statistics.
func (l *normalization) Copy() Layer {
	return &normalization{Name: l.Name, mean: l.mean, variance: l.variance}
}
