package nn

import "github.com/gradus-ml/gradus/engine/graph"

type batchNormalization struct {
	Name
	momentum, epsilon          float32
	affine                     affine
	axis                       Axis
	inner                      int // elements behind each index of the axis
	meanInit, varianceInit     Initializer
	frozen                     bool
	movingMean, movingVariance *graph.Variable
}

// A BatchNormOption changes a BatchNorm layer: Momentum, Epsilon, an Axis, NoScale, NoCenter, a GammaInitializer, BetaInitializer,
// MovingMeanInitializer or MovingVarianceInitializer, or a Name.
type BatchNormOption interface{ batchNormalization(*batchNormalization) }

// BatchNorm normalises every feature (the last axis, or another Axis) over the batch and all other axes, then scales and shifts it
// (Ioffe and Szegedy, 2015; Keras's BatchNormalization):
//
//	training:   y = gamma·(x − μ)/√(σ² + epsilon) + beta,   μ and σ² of the batch, σ² biased
//	            moving_mean ← momentum·moving_mean + (1 − momentum)·μ, and moving_variance likewise
//	otherwise:  y = gamma·(x − moving_mean)/√(moving_variance + epsilon) + beta
//
// gamma and beta are trainable and start at 1 and 0; NoScale and NoCenter leave them out. The moving averages are not trainable, and
// start at 0 and 1. Momentum defaults to 0.99, epsilon to 0.001. It may stand first in a network, before or after an
// activation. Frozen (Network.Freeze), it uses the moving averages while training too, and leaves them.
func BatchNorm(options ...BatchNormOption) Layer {
	l := &batchNormalization{momentum: 0.99, epsilon: 1e-3, axis: -1}
	for _, o := range options {
		o.batchNormalization(l)
	}
	return l
}

// freeze is told when the layer's variables stop being trained, or are trained again.
func (l *batchNormalization) freeze(frozen bool) { l.frozen = frozen }

// Momentum is how much of a BatchNorm's moving averages stays in each step, from 0 to 1 exclusive.
type Momentum float32

// Epsilon is added to the variance in a BatchNorm, from 0 exclusive to 1.
type Epsilon float32

func (m Momentum) batchNormalization(l *batchNormalization) { l.momentum = float32(m) }
func (e Epsilon) batchNormalization(l *batchNormalization)  { l.epsilon = float32(e) }
func (n Name) batchNormalization(l *batchNormalization)     { l.Name = n }

func (l *batchNormalization) Build(b *Builder, in []int) ([]int, error) {
	if !(l.momentum >= 0 && l.momentum < 1) {
		return nil, b.Errorf(l, "momentum is %v, want 0 to 1 exclusive", l.momentum)
	}
	if !(l.epsilon > 0 && l.epsilon <= 1) {
		return nil, b.Errorf(l, "epsilon is %v, want more than 0, at most 1", l.epsilon)
	}
	at, ok := l.axis.index(len(in))
	if !ok {
		return nil, b.Errorf(l, "axis is %d, want 1 to %d or -%d to -1 for an input of %v", l.axis, len(in), len(in), in)
	}
	features := in[at : at+1]
	l.inner = graph.Size(in[at+1:])
	if err := l.checkInits(features); err != nil {
		return nil, b.Errorf(l, "%w", err)
	}
	l.affine.declare(b, features)
	l.movingMean = b.Variable("moving_mean", features, false, l.meanInit.or(Zeros))
	l.movingVariance = b.Variable("moving_variance", features, false, l.varianceInit.or(Ones))
	return in, nil
}

func (l *batchNormalization) Forward(r *graph.Recorder, x *graph.Tensor) *graph.Tensor {
	n := graph.Normalization{
		Gamma: l.affine.scale(r), Beta: l.affine.shift(r),
		MovingMean: r.Variable(l.movingMean), MovingVariance: r.Variable(l.movingVariance),
		Momentum: l.momentum, Epsilon: l.epsilon, Frozen: l.affine.frozen(r, l.frozen),
	}
	return asLast(r, x, l.affine.features, l.inner, func(x *graph.Tensor) *graph.Tensor { return graph.BatchNorm(r, x, n) })
}
