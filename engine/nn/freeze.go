package nn

import (
	"fmt"
	"slices"
)

// Freeze stops the training of the named layers: their variables keep their values, and a BatchNorm among them normalises
// by its moving averages, as Keras has it. It concerns models that are compiled afterwards; Model.Freeze is for one that exists.
func (n *Network) Freeze(names ...string) error {
	return n.SetFrozen(append(n.Frozen(), names...))
}

// Unfreeze undoes Freeze for the named layers.
func (n *Network) Unfreeze(names ...string) error {
	if err := n.know(names); err != nil {
		return err
	}
	return n.SetFrozen(slices.DeleteFunc(n.Frozen(), func(name string) bool { return slices.Contains(names, name) }))
}

// Frozen lists the names of the layers that are not trained.
func (n *Network) Frozen() []string {
	var names []string
	for _, p := range n.layers {
		if p.Frozen {
			names = append(names, p.Name)
		}
	}
	return names
}

// SetFrozen freezes the named layers and no others.
func (n *Network) SetFrozen(names []string) error {
	if err := n.know(names); err != nil {
		return err
	}
	for i := range n.layers {
		n.layers[i].freeze(slices.Contains(names, n.layers[i].Name))
	}
	return nil
}

// know refuses names that no layer has.
func (n *Network) know(names []string) error {
	for _, name := range names {
		if !slices.ContainsFunc(n.layers, func(p Placed) bool { return p.Name == name }) {
			return fmt.Errorf("nn: no layer %q", name)
		}
	}
	return n.err
}

// freezer is implemented by layers that compute something else while their variables are not trained.
type freezer interface{ freeze(frozen bool) }

func (p *Placed) freeze(frozen bool) {
	p.Frozen = frozen
	for _, v := range p.trainable {
		v.Trainable = !frozen
	}
	if f, ok := p.Layer.(freezer); ok {
		f.freeze(frozen)
	}
}
