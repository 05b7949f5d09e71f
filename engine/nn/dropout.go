package nn

import (
	"math"

	"github.com/gradus-ml/gradus/engine/graph"
	"github.com/gradus-ml/gradus/engine/ops"
)

type noise struct {
	Name
	kind ops.NoiseKind
	rate float32
}

// Dropout sets each input to 0 with probability rate, anew in each training step, and divides the others by 1 − rate, so
// that the mean stays (Srivastava et al., 2014; Keras's Dropout). Otherwise it does nothing, except in Model.PredictMC. The
// rate is 0 to 1 exclusive. Options: Name.
func Dropout(rate float32, options ...Name) Layer { return newNoise(ops.Dropout, rate, options) }

// AlphaDropout is dropout for SELU networks: it sets inputs to SELU's saturation instead of 0 and keeps mean and variance
// (Klambauer et al., 2017; Keras's AlphaDropout):
//
//	y = a·(x·k + s·(1 − k)) + b,  s = −1.7581,  a = 1/√((1 − rate)·(1 + rate·s²)),  b = −a·s·rate
//
// The rate is 0 to 1 exclusive. Options: Name.
func AlphaDropout(rate float32, options ...Name) Layer {
	return newNoise(ops.AlphaDropout, rate, options)
}

// GaussianDropout multiplies each input by a normal number of mean 1 and deviation √(rate/(1 − rate)) while training (Srivastava et
// al., 2014; Keras's GaussianDropout). The rate is 0 to 1 exclusive. Options: Name.
func GaussianDropout(rate float32, options ...Name) Layer {
	return newNoise(ops.GaussianDropout, rate, options)
}

// GaussianNoise adds a normal number of mean 0 and the given deviation, 0 or more, to each input while training
// (Keras's GaussianNoise). Options: Name.
func GaussianNoise(deviation float32, options ...Name) Layer {
	return newNoise(ops.GaussianNoise, deviation, options)
}

func newNoise(kind ops.NoiseKind, rate float32, options []Name) Layer {
	l := &noise{kind: kind, rate: rate}
	for _, o := range options {
		l.Name = o
	}
	return l
}

// LayerType returns Keras's name of the type.
func (l *noise) LayerType() string {
	return [...]string{"Dropout", "GaussianDropout", "GaussianNoise", "AlphaDropout"}[l.kind]
}

func (l *noise) Build(b *Builder, in []int) ([]int, error) {
	switch {
	case l.kind == ops.GaussianNoise && !(l.rate >= 0 && l.rate <= math.MaxFloat32):
		return nil, b.Errorf(l, "standard deviation is %v, want a number of at least 0", l.rate)
	case l.kind != ops.GaussianNoise && !(l.rate >= 0 && l.rate < 1):
		return nil, b.Errorf(l, "rate is %v, want 0 to 1 exclusive", l.rate)
	}
	return in, nil
}

func (l *noise) Forward(r *graph.Recorder, x *graph.Tensor) *graph.Tensor {
	return graph.Noise(r, x, l.kind, l.rate)
}

// Copy returns an unbuilt layer with the same options.
func (l *noise) Copy() Layer { return &noise{Name: l.Name, kind: l.kind, rate: l.rate} }
