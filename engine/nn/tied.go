package nn

import (
	"fmt"

	"github.com/gradus-ml/gradus/engine/graph"
)

// tied is a Dense whose kernel is another's, transposed.
type tied struct {
	Name
	of         Layer
	activation ActivationFunc
	regular    regularizers
	noBias     bool
	dense      *dense // of
	bias       *graph.Variable
	activate   forward
}

// A TiedOption changes a Tied layer: an ActivationFunc, NoBias, a BiasRegularizer, an ActivityRegularizer, or a Name.
type TiedOption interface{ tied(*tied) }

func (f ActivationFunc) tied(l *tied)      { l.activation = f }
func (n Name) tied(l *tied)                { l.Name = n }
func (b biasOption) tied(l *tied)          { l.noBias = !bool(b) }
func (g BiasRegularizer) tied(l *tied)     { l.regular.bias = Regularizer(g) }
func (g ActivityRegularizer) tied(l *tied) { l.regular.activity = Regularizer(g) }

// Tied is a Dense with the kernel of another Dense of the same network, transposed: y = f(x·kernelᵀ + bias), with x [batch units], kernel
// [features units] and a bias [features] of its own. It is the decoder's half of a tied autoencoder (Géron, 2019, "Tying weights"),
// which has half the weights to learn. The other Dense comes before it. There is no activation unless one is given.
//
//	encoder := nn.Dense(30, nn.ELU)
//	nn.Sequential(nn.Input(784), encoder, nn.Tied(encoder))
func Tied(of Layer, options ...TiedOption) Layer {
	l := &tied{of: of, activation: Linear}
	for _, o := range options {
		o.tied(l)
	}
	return l
}

// Build implements Layer.
func (l *tied) Build(b *Builder, in []int) (_ []int, err error) {
	d, ok := l.of.(*dense)
	switch {
	case !ok:
		return nil, b.Errorf(l, "tied to %s, want a Dense", describe(l.of))
	case d.kernel == nil:
		return nil, b.Errorf(l, "the Dense that it is tied to does not come before it")
	case len(in) != 1 || in[0] != d.units:
		return nil, b.Errorf(l, "input is %v, want [%d], as many as the Dense has units that it is tied to", in, d.units)
	}
	if err := l.regular.check(); err != nil {
		return nil, b.Errorf(l, "%w", err)
	}
	features := d.kernel.Shape[0]
	l.dense = d
	if !l.noBias {
		l.bias = b.Variable("bias", []int{features}, true, Zeros)
	}
	l.activate, err = l.activation.on(l, b, []int{features})
	return []int{features}, err
}

// Forward implements Layer.
func (l *tied) Forward(r *graph.Recorder, x *graph.Tensor) *graph.Tensor {
	y := graph.MatMulTransposed(r, x, r.Variable(l.dense.kernel))
	if !l.noBias {
		again := r.Uses(l.bias)
		y = graph.Bias(r, y, r.Variable(l.bias))
		if !again {
			l.regular.bias.penalise(r, r.Variable(l.bias), 1)
		}
	}
	y = l.activate(r, y)
	l.regular.activity.penalise(r, y, x.Shape()[0])
	return y
}

// Copy returns an unbuilt layer that is tied to the same Dense, until refer ties it to a copy of that.
func (l *tied) Copy() Layer {
	return &tied{Name: l.Name, of: l.of, activation: l.activation, regular: l.regular, noBias: l.noBias}
}

// referrer is implemented by layers that use a variable of another layer of their network.
type referrer interface {
	refersTo() Layer
	refer(to Layer)
}

func (l *tied) refersTo() Layer { return l.of }
func (l *tied) refer(to Layer)  { l.of = to }

// checkReference refuses a layer that uses a variable of a layer which is not in the network.
func (n *Network) checkReference(layer Layer, name string) error {
	r, ok := layer.(referrer)
	if ok && n.find(r.refersTo()) < 0 {
		return fmt.Errorf("nn: %s %q: the layer that it is tied to is not in the network before it", TypeOf(layer), name)
	}
	return nil
}

// referred reports whether another layer uses the layer's variables.
func (n *Network) referred(layer Layer) bool {
	for _, p := range n.layers {
		if r, ok := p.Layer.(referrer); ok && identical(r.refersTo(), layer) {
			return true
		}
	}
	return false
}
