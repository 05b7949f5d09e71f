package nn

import (
	"fmt"

	"github.com/gradus-ml/gradus/engine/ops"
)

// Lint returns warnings about a network that uses SELU without what makes it normalise itself (Klambauer, Unterthiner, Mayr and
// Hochreiter, 2017): LeCun normal initialisation of the layers before it, inputs of mean 0 and variance 1, AlphaDropout
// instead of other noise, and nothing but dense layers in a row. A network without SELU has none.
func (n *Network) Lint() []string {
	var l linter
	for i, p := range n.layers {
		l.selu(p, n.before(i))
	}
	if !l.used {
		return nil
	}
	l.inputs(n)
	for _, p := range n.layers {
		l.layer(p)
	}
	return l.warnings
}

// linter collects warnings.
type linter struct {
	used     bool
	warnings []string
}

func (l *linter) warn(p Placed, format string, args ...any) {
	l.warnings = append(l.warnings, fmt.Sprintf("%s %q: %s", TypeOf(p.Layer), p.Name, fmt.Sprintf(format, args...)))
}

// before returns the layer whose output is the first input of layer i, or nil.
func (n *Network) before(i int) *Placed {
	for _, c := range n.calls {
		if c.layer == i && !c.from[0].input() {
			return &n.layers[n.calls[c.from[0]].layer]
		}
	}
	return nil
}

// selu looks at a layer that is, or ends in, SELU: the Dense before it must begin with LeCun normal weights.
func (l *linter) selu(p Placed, before *Placed) {
	switch layer := p.Layer.(type) {
	case *dense:
		if layer.activation.name == SELU.name {
			l.used = true
			l.kernel(p, layer)
		}
	case *activation:
		if layer.f.name != SELU.name {
			return
		}
		l.used = true
		if before == nil {
			return
		}
		if d, ok := before.Layer.(*dense); ok {
			l.kernel(*before, d)
		}
	}
}

func (l *linter) kernel(p Placed, d *dense) {
	if d.init.name != LeCunNormal.name {
		l.warn(p, "its kernel begins as %s, but SELU keeps mean 0 and variance 1 only from lecun_normal (nn.LeCunNormal)", d.init.name)
	}
}

// inputs asks for a layer that standardises before the first that learns.
func (l *linter) inputs(n *Network) {
	for _, p := range n.layers {
		switch p.Layer.(type) {
		case *flatten:
			continue
		case *normalization, *batchNormalization:
			return
		}
		l.warn(p, "SELU needs inputs of mean 0 and variance 1, and nothing before this layer sees to it (nn.Normalization, "+
			"unless the data are standardised already)")
		return
	}
}

// layer warns of layers that break the self-normalisation.
func (l *linter) layer(p Placed) {
	switch layer := p.Layer.(type) {
	case *noise:
		if layer.kind == ops.Dropout || layer.kind == ops.GaussianDropout {
			l.warn(p, "it changes the mean and variance that SELU keeps (nn.AlphaDropout does not)")
		}
	case *dense, *activation, *flatten, *normalization, *batchNormalization:
	default:
		l.warn(p, "SELU normalises itself only in a row of dense layers")
	}
}
