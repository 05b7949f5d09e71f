package nn

import "slices"

// dropped is the layer of a call that is no more.
const dropped = -1

// rest returns the calls that are left, numbered anew.
func (f *fuser) rest() (calls []call, outputs []value) {
	number := make([]value, len(f.calls))
	renumbered := func(list []value) []value {
		made := slices.Clone(list)
		for i, v := range made {
			if !v.input() {
				made[i] = number[v]
			}
		}
		return made
	}
	for i, c := range f.calls {
		if c.layer != dropped {
			number[i] = value(len(calls))
			calls = append(calls, call{c.layer, renumbered(c.from)})
		}
	}
	return calls, renumbered(f.outputs)
}

// layer returns the layer that makes a value; alone is false where it is called elsewhere too or another layer uses its variables.
func (f *fuser) layer(v value) (layer Layer, alone bool) {
	if v.input() || f.calls[v].layer == dropped {
		return nil, false
	}
	own := f.calls[v].layer
	once := 0
	for _, c := range f.calls {
		if c.layer == own {
			once++
		}
	}
	return f.layers[own].Layer, once == 1 && !f.net.referred(f.net.layers[own].Layer)
}

// taker returns the only call that takes the value; ok is false where there are several, or none, or where the value is an output.
func (f *fuser) taker(v value) (at value, ok bool) {
	for i, c := range f.calls {
		for _, from := range c.from {
			if c.layer == dropped || from != v {
				continue
			}
			if ok {
				return 0, false
			}
			at, ok = value(i), true
		}
	}
	return at, ok && !slices.Contains(f.outputs, v)
}

// placed is the layer of a call.
func (f *fuser) placed(v value) *Placed { return &f.layers[f.calls[v].layer] }
