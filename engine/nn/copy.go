package nn

import (
	"fmt"
	"slices"
)

// Copier is implemented by layers that can be in a network that is copied or fused.
type Copier interface {
	// Copy returns a layer with the same options that has not been built.
	Copy() Layer
}

// Copy returns an unbuilt layer.
func (l *flatten) Copy() Layer { return &flatten{} }

// Copy returns an unbuilt layer with the same function.
func (l *activation) Copy() Layer { return &activation{Name: l.Name, f: l.f} }

// Copy returns an unbuilt layer with the same options.
func (l *dense) Copy() Layer {
	return &dense{Name: l.Name, units: l.units, activation: l.activation, init: l.init, biases: l.biases, noBias: l.noBias,
		regular: l.regular, constraint: l.constraint}
}

// Copy returns an unbuilt layer with the same options.
func (l *batchNormalization) Copy() Layer {
	return &batchNormalization{Name: l.Name, momentum: l.momentum, epsilon: l.epsilon, affine: l.affine.options(),
		axis: l.axis, meanInit: l.meanInit, varianceInit: l.varianceInit}
}

// Copy returns a network of the same layers, with the same names, and variables of its own.
func (n *Network) Copy() (*Network, error) {
	if n.err != nil {
		return nil, n.err
	}
	return n.assemble(n.layers, n.calls, n.outputs)
}

// assemble builds a network on the same inputs from copies of the layers that are called, which keep their names.
func (n *Network) assemble(layers []Placed, calls []call, outputs []value) (*Network, error) {
	made := &Network{name: n.name, inputs: n.inputs, outputs: outputs}
	placed, copies := map[int]int{}, make([]Layer, len(n.layers)) // of the layers given: numbers among those made, and copies
	for _, c := range calls {
		if i, shared := placed[c.layer]; shared {
			if _, err := made.callAgain(i, c.from); err != nil {
				return nil, err
			}
			continue
		}
		p := layers[c.layer]
		copied, err := n.copyOf(p, copies)
		if err != nil {
			return nil, err
		}
		copies[c.layer] = copied
		if _, err := made.call(copied, p.Name, c.from); err != nil {
			return nil, err
		}
		placed[c.layer] = len(made.layers) - 1
		made.layers[placed[c.layer]].freeze(p.Frozen)
	}
	return made, nil
}

// copyOf copies a layer; one that uses another's variables uses those of its copy.
func (n *Network) copyOf(p Placed, copies []Layer) (Layer, error) {
	copied, err := CopyOf(p)
	if err != nil {
		return nil, err
	}
	if r, ok := copied.(referrer); ok {
		r.refer(copies[n.find(r.refersTo())])
	}
	return copied, nil
}

// CopyOf returns an unbuilt copy of a layer under the same name.
func CopyOf(p Placed) (Layer, error) {
	c, ok := p.Layer.(Copier)
	if !ok {
		return nil, fmt.Errorf("nn: %s %q cannot be copied: it has no method Copy", TypeOf(p.Layer), p.Name)
	}
	copied := c.Copy()
	if r, ok := copied.(renamer); ok {
		r.rename(p.Name)
	}
	return copied, nil
}

// Lower returns copies of the layers from the first up to and including the one with the name, for a new
// network on the same input. Their variables are named as before, so that Model.Adopt finds their values. Up to that layer the
// network must be a chain.
func (n *Network) Lower(name string) ([]Layer, error) {
	if n.err != nil {
		return nil, n.err
	}
	if err := n.know([]string{name}); err != nil {
		return nil, err
	}
	var layers []Layer
	copies := make([]Layer, len(n.layers))
	for i, c := range n.calls {
		if c.layer != i || !slices.Equal(c.from, []value{value(i - 1)}) {
			return nil, fmt.Errorf("nn: the layers up to %q are not a chain: %q branches", name, n.layers[c.layer].Name)
		}
		copied, err := n.copyOf(n.layers[i], copies)
		if err != nil {
			return nil, err
		}
		layers, copies[i] = append(layers, copied), copied
		if n.layers[i].Name == name {
			break
		}
	}
	return layers, nil
}

// renamer is implemented by layers that embed a Name.
type renamer interface{ rename(name string) }

func (n *Name) rename(name string) { *n = Name(name) }
