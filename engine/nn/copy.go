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

// Copy returns an unbuilt input.
func (l *input) Copy() Layer { return &input{slices.Clone(l.shape)} }

// Copy returns an unbuilt layer.
func (l *flatten) Copy() Layer { return &flatten{} }

// Copy returns an unbuilt layer with the same function.
func (l *activation) Copy() Layer { return &activation{Name: l.Name, f: l.f} }

// Copy returns an unbuilt layer with the same options.
func (l *dense) Copy() Layer {
	return &dense{Name: l.Name, units: l.units, activation: l.activation, init: l.init, noBias: l.noBias,
		regular: l.regular, constraint: l.constraint}
}

// Copy returns an unbuilt layer with the same options.
func (l *batchNormalization) Copy() Layer {
	return &batchNormalization{Name: l.Name, momentum: l.momentum, epsilon: l.epsilon, affine: l.affine.options()}
}

// Copy returns a network of the same layers, with the same names, and variables of its own.
func (n *Network) Copy() (*Network, error) {
	if n.err != nil {
		return nil, n.err
	}
	return n.assemble(n.layers)
}

// assemble builds a network on the same input from copies of some of the layers, which keep their names.
func (n *Network) assemble(layers []Placed) (*Network, error) {
	made := &Network{name: n.name, input: slices.Clone(n.input)}
	shape := made.input
	for _, p := range layers {
		c, ok := p.Layer.(Copier)
		if !ok {
			return nil, fmt.Errorf("nn: %s %q cannot be copied: it has no method Copy", TypeOf(p.Layer), p.Name)
		}
		var err error
		if shape, err = made.place(c.Copy(), p.Name, shape); err != nil {
			return nil, err
		}
		made.layers[len(made.layers)-1].freeze(p.Frozen)
	}
	return made, nil
}

// Lower returns copies of the layers from the first up to and including the one with the name, for a new
// network on the same input. Their variables are named as before, so that Model.Adopt finds their values.
func (n *Network) Lower(name string) ([]Layer, error) {
	if n.err != nil {
		return nil, n.err
	}
	var layers []Layer
	for _, p := range n.layers {
		c, ok := p.Layer.(Copier)
		if !ok {
			return nil, fmt.Errorf("nn: %s %q cannot be copied: it has no method Copy", TypeOf(p.Layer), p.Name)
		}
		layers = append(layers, c.Copy())
		if r, ok := layers[len(layers)-1].(renamer); ok {
			r.rename(p.Name)
		}
		if p.Name == name {
			return layers, nil
		}
	}
	return nil, fmt.Errorf("nn: no layer %q", name)
}

// renamer is implemented by layers that embed a Name.
type renamer interface{ rename(name string) }

func (n *Name) rename(name string) { *n = Name(name) }
