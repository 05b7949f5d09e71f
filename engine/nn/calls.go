package nn

import "fmt"

// A Call is a place where a network applies a layer.
type Call struct {
	Name  string // the layer's; of one that is applied in several places, numbered from the second on: shared, shared_1
	Layer Placed
	From  []string // what it takes: names of calls, or of inputs
}

// InputNames lists the names of the inputs, as Summary shows them: input_layer, input_layer_1.
func (n *Network) InputNames() []string {
	var names []string
	for i := range n.inputs {
		names = append(names, n.maker(inputValue(i)))
	}
	return names
}

// Calls lists where the layers are applied, each after what it takes.
func (n *Network) Calls() []Call {
	var list []Call
	places := map[int]int{} // of each layer, so far
	for _, c := range n.calls {
		made := Call{Name: n.layers[c.layer].Name, Layer: n.layers[c.layer]}
		if places[c.layer] > 0 {
			made.Name = fmt.Sprintf("%s_%d", made.Name, places[c.layer])
		}
		places[c.layer]++
		for _, v := range c.from {
			if v.input() {
				made.From = append(made.From, n.maker(v))
			} else {
				made.From = append(made.From, list[v].Name)
			}
		}
		list = append(list, made)
	}
	return list
}
