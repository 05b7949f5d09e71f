package nn

import (
	"slices"

	"github.com/gradus-ml/gradus/engine/graph"
)

// affine is the learned scale and shift, gamma and beta, at the end of a normalisation.
type affine struct {
	noScale, noCenter bool
	scaleInit         Initializer // of gamma, if not ones
	shiftInit         Initializer // of beta, if not zeros
	features          int
	gamma, beta       *graph.Variable
}

// A normOption switches gamma or beta off.
type normOption uint8

// The switches of BatchNorm and LayerNorm, Keras's scale=False and center=False. A Dense layer after the normalisation
// makes a scale needless, and a bias of its own makes a shift needless.
const (
	NoScale  normOption = iota // no gamma
	NoCenter                   // no beta
)

func (o normOption) apply(a *affine) {
	if o == NoScale {
		a.noScale = true
	} else {
		a.noCenter = true
	}
}

func (o normOption) batchNormalization(l *batchNormalization) { o.apply(&l.affine) }
func (o normOption) layerNormalization(l *layerNormalization) { o.apply(&l.affine) }

// options returns the switches without what was declared.
func (a affine) options() affine {
	return affine{noScale: a.noScale, noCenter: a.noCenter, scaleInit: a.scaleInit, shiftInit: a.shiftInit}
}

func (a *affine) declare(b *Builder, features []int) {
	a.features = features[0]
	if !a.noScale {
		a.gamma = b.Variable("gamma", features, true, a.scaleInit.or(Ones))
	}
	if !a.noCenter {
		a.beta = b.Variable("beta", features, true, a.shiftInit.or(Zeros))
	}
}

// frozen reports whether gamma and beta are not trained in the model that is recorded, if there are any.
func (a *affine) frozen(r *graph.Recorder, otherwise bool) bool {
	for _, v := range []*graph.Variable{a.gamma, a.beta} {
		if v != nil {
			return !r.Trains(v)
		}
	}
	return otherwise
}

// scale returns gamma, or ones.
func (a *affine) scale(r *graph.Recorder) *graph.Tensor { return a.tensor(r, a.gamma, 1) }

// shift returns beta, or zeros.
func (a *affine) shift(r *graph.Recorder) *graph.Tensor { return a.tensor(r, a.beta, 0) }

func (a *affine) tensor(r *graph.Recorder, v *graph.Variable, otherwise float32) *graph.Tensor {
	if v != nil {
		return r.Variable(v)
	}
	return r.Constant(slices.Repeat([]float32{otherwise}, a.features), a.features)
}
