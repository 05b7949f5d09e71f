package nn

import "github.com/gradus-ml/gradus/engine/graph"

type layerNormalization struct {
	Name
	epsilon float32
	affine  affine
}

// A LayerNormOption changes a LayerNorm layer: Epsilon, NoScale, NoCenter, a GammaInitializer, a BetaInitializer
// or a Name.
type LayerNormOption interface{ layerNormalization(*layerNormalization) }

// LayerNorm normalises every example by itself along its last axis, then scales and shifts it
// (Ba, Kiros and Hinton, 2016; Keras's LayerNormalization):
//
//	y = gamma·(x − μ)/√(σ² + epsilon) + beta,   μ and σ² over the last axis, σ² biased
//
// gamma and beta, one for each feature, are trainable and start at 1 and 0; NoScale and NoCenter leave them out. Epsilon
// defaults to 0.001. Training and inference are the same.
func LayerNorm(options ...LayerNormOption) Layer {
	l := &layerNormalization{epsilon: 1e-3}
	for _, o := range options {
		o.layerNormalization(l)
	}
	return l
}

func (e Epsilon) layerNormalization(l *layerNormalization) { l.epsilon = float32(e) }
func (n Name) layerNormalization(l *layerNormalization)    { l.Name = n }

func (l *layerNormalization) Build(b *Builder, in []int) ([]int, error) {
	if !(l.epsilon > 0 && l.epsilon <= 1) {
		return nil, b.Errorf(l, "epsilon is %v, want more than 0, at most 1", l.epsilon)
	}
	if err := l.affine.checkInits(in[len(in)-1:]); err != nil {
		return nil, b.Errorf(l, "%w", err)
	}
	l.affine.declare(b, in[len(in)-1:])
	return in, nil
}

func (l *layerNormalization) Forward(r *graph.Recorder, x *graph.Tensor) *graph.Tensor {
	y := graph.LayerNorm(r, x, l.affine.scale(r), l.epsilon)
	if l.affine.beta != nil {
		y = graph.Bias(r, y, l.affine.shift(r))
	}
	return y
}

// Copy returns an unbuilt layer with the same options.
func (l *layerNormalization) Copy() Layer {
	return &layerNormalization{Name: l.Name, epsilon: l.epsilon, affine: l.affine.options()}
}

type rmsNormalization struct {
	Name
	epsilon float32
	gamma   *graph.Variable
}

// An RMSNormOption changes an RMSNorm layer: Epsilon or a Name.
type RMSNormOption interface{ rmsNormalization(*rmsNormalization) }

// RMSNorm divides every example by the root mean square of its last axis, then scales it (Zhang and Sennrich, 2019;
// Keras's RMSNormalization):
//
//	y = gamma·x/√(Σ x²/n + epsilon)
//
// gamma, one for each feature, is trainable and starts at 1. Epsilon defaults to 1e-6.
func RMSNorm(options ...RMSNormOption) Layer {
	l := &rmsNormalization{epsilon: 1e-6}
	for _, o := range options {
		o.rmsNormalization(l)
	}
	return l
}

// LayerType returns Keras's name of the type.
func (*rmsNormalization) LayerType() string { return "RMSNormalization" }

func (e Epsilon) rmsNormalization(l *rmsNormalization) { l.epsilon = float32(e) }
func (n Name) rmsNormalization(l *rmsNormalization)    { l.Name = n }

func (l *rmsNormalization) Build(b *Builder, in []int) ([]int, error) {
	if !(l.epsilon > 0 && l.epsilon <= 1) {
		return nil, b.Errorf(l, "epsilon is %v, want more than 0, at most 1", l.epsilon)
	}
	l.gamma = b.Variable("gamma", in[len(in)-1:], true, Ones)
	return in, nil
}

func (l *rmsNormalization) Forward(r *graph.Recorder, x *graph.Tensor) *graph.Tensor {
	return graph.RMSNorm(r, x, r.Variable(l.gamma), l.epsilon)
}

// Copy returns an unbuilt layer with the same options.
func (l *rmsNormalization) Copy() Layer { return &rmsNormalization{Name: l.Name, epsilon: l.epsilon} }
