package nn

import (
	"fmt"
	"math"
	"slices"

	"github.com/gradus-ml/gradus/engine/graph"
)

// A Fold says what becomes of one BatchNorm when a network is fused.
type Fold struct {
	BatchNorm string // name of the layer
	Into      string // name of the Dense that takes it in; empty if it stays
	Forward   bool   // the Dense comes after it
	Why       string // it stays
}

// String returns the fold in one line.
func (f Fold) String() string {
	switch {
	case f.Into == "":
		return fmt.Sprintf("%s stays: %s", f.BatchNorm, f.Why)
	case f.Forward:
		return fmt.Sprintf("%s folded forward into %s", f.BatchNorm, f.Into)
	}
	return fmt.Sprintf("%s folded back into %s", f.BatchNorm, f.Into)
}

// Weights are the values of variables by name, row-major.
type Weights map[string][]float32

// Fuse returns a network without the BatchNorm layers that can be folded into a Dense, the weights for which it computes in
// inference what n computes with the weights given, and what became of each BatchNorm. See docs/decisions/0005.
func (n *Network) Fuse(weights Weights) (*Network, Weights, []Fold, error) {
	if n.err != nil {
		return nil, nil, nil, n.err
	}
	f := fuser{net: n, layers: slices.Clone(n.layers), calls: slices.Clone(n.calls), outputs: slices.Clone(n.outputs),
		weights: wide(weights), folds: map[string]Fold{}}
	for i := range f.calls { // each leaves its place to what comes after it
		f.foldBack(value(i))
	}
	for i := len(f.calls) - 1; i >= 0; i-- { // the last of several in a row first
		f.foldForward(value(i))
	}
	calls, outputs := f.rest()
	fused, err := n.assemble(f.layers, calls, outputs)
	if err != nil {
		return nil, nil, nil, err
	}
	return fused, f.narrow(fused), f.inOrder(n.layers), nil
}

// fuser folds one BatchNorm after the other. Weights are in float64, so that folding twice into a layer rounds once.
type fuser struct {
	net     *Network
	layers  []Placed
	calls   []call
	outputs []value
	weights map[string][]float64
	folds   map[string]Fold // by BatchNorm
}

func wide(weights Weights) map[string][]float64 {
	all := map[string][]float64{}
	for name, values := range weights {
		for _, v := range values {
			all[name] = append(all[name], float64(v))
		}
	}
	return all
}

func (f *fuser) narrow(n *Network) Weights {
	weights := Weights{}
	for _, v := range n.Variables() {
		for _, value := range f.weights[v.Name] {
			weights[v.Name] = append(weights[v.Name], float32(value))
		}
	}
	return weights
}

func (f *fuser) inOrder(layers []Placed) []Fold {
	var list []Fold
	for _, p := range layers {
		if fold, ok := f.folds[p.Name]; ok {
			list = append(list, fold)
		}
	}
	return list
}

// batchNorm returns the BatchNorm of a call, if it is one that is called only there.
func (f *fuser) batchNorm(v value) (*batchNormalization, bool) {
	layer, alone := f.layer(v)
	bn, ok := layer.(*batchNormalization)
	return bn, ok && alone
}

// foldBack folds a BatchNorm into a Dense without activation right before it, if there is one whose output nothing else takes.
func (f *fuser) foldBack(v value) {
	bn, ok := f.batchNorm(v)
	if !ok {
		return
	}
	before := f.calls[v].from[0]
	layer, alone := f.layer(before)
	d, ok := layer.(*dense)
	if !ok || !alone || d.activation.name != Linear.name {
		return
	}
	if _, only := f.taker(before); !only {
		return
	}
	scale, shift := f.affine(bn)
	f.back(f.calls[before].layer, scale, shift)
	f.drop(v, Fold{Into: f.placed(before).Name})
}

// foldForward folds a BatchNorm into a Dense behind it, with nothing but Flatten between, or notes why not.
func (f *fuser) foldForward(v value) {
	if f.calls[v].layer == dropped {
		return
	}
	if _, ok := f.placed(v).Layer.(*batchNormalization); !ok {
		return
	}
	bn, alone := f.batchNorm(v)
	if !alone {
		f.keep(v, "it is shared")
		return
	}
	target, why := f.target(v)
	if why != "" {
		f.keep(v, why+", and no Dense without an activation is just before it")
		return
	}
	scale, shift := f.affine(bn)
	f.forward(f.calls[target].layer, scale, shift)
	f.drop(v, Fold{Into: f.placed(target).Name, Forward: true})
}

// target finds the Dense behind a value, or says why there is none.
func (f *fuser) target(v value) (target value, why string) {
	for {
		next, only := f.taker(v)
		switch {
		case !only && slices.Contains(f.outputs, v):
			return 0, "it ends the network"
		case !only:
			return 0, "several layers take its output"
		}
		layer, alone := f.layer(next)
		switch layer.(type) {
		case *flatten:
			v = next
			continue
		case *dense:
			if !alone {
				return 0, fmt.Sprintf("%s, which comes after it, is shared", f.placed(next).Name)
			}
			return next, ""
		}
		return 0, TypeOf(layer) + " comes after it"
	}
}

func (f *fuser) keep(v value, why string) {
	name := f.placed(v).Name
	f.folds[name] = Fold{BatchNorm: name, Why: why}
}

// drop removes a BatchNorm that was folded: who took its output takes its input.
func (f *fuser) drop(v value, fold Fold) {
	fold.BatchNorm = f.placed(v).Name
	f.folds[fold.BatchNorm] = fold
	replace := func(list []value) []value {
		list = slices.Clone(list)
		for i, from := range list {
			if from == v {
				list[i] = f.calls[v].from[0]
			}
		}
		return list
	}
	for i := range f.calls {
		f.calls[i].from = replace(f.calls[i].from)
	}
	f.outputs = replace(f.outputs)
	f.calls[v].layer = dropped
}

// affine returns s and t of the BatchNorm's y = s·x + t, for the elements of its axis and those behind.
func (f *fuser) affine(bn *batchNormalization) (scale, shift []float64) {
	mean, variance := f.weights[bn.movingMean.Name], f.weights[bn.movingVariance.Name]
	for c := range mean {
		s := f.element(bn.affine.gamma, c, 1) / math.Sqrt(variance[c]+float64(bn.epsilon))
		t := f.element(bn.affine.beta, c, 0) - s*mean[c]
		scale = append(scale, slices.Repeat([]float64{s}, bn.inner)...)
		shift = append(shift, slices.Repeat([]float64{t}, bn.inner)...)
	}
	return scale, shift
}

// element returns an element of a variable that there may not be.
func (f *fuser) element(v *graph.Variable, i int, otherwise float64) float64 {
	if v == nil {
		return otherwise
	}
	return f.weights[v.Name][i]
}

// withBias makes the Dense one that has a bias, and returns its kernel and bias.
func (f *fuser) withBias(target int) (kernel, bias []float64, units int) {
	d := *f.layers[target].Layer.(*dense)
	d.noBias, d.regular, d.constraint = false, regularizers{}, Constraint{} // these were for other weights
	f.layers[target].Layer = &d
	name := f.layers[target].Name
	if f.weights[name+"/bias"] == nil {
		f.weights[name+"/bias"] = make([]float64, d.units)
	}
	return f.weights[name+"/kernel"], f.weights[name+"/bias"], d.units
}

// back multiplies the columns of the kernel: kernel′ = kernel·diag(s), bias′ = s·bias + t.
func (f *fuser) back(target int, scale, shift []float64) {
	kernel, bias, units := f.withBias(target)
	for i := range kernel {
		kernel[i] *= scale[i%units]
	}
	for u := range bias {
		bias[u] = scale[u]*bias[u] + shift[u]
	}
}

// forward multiplies the rows of the kernel: kernel′ = diag(s)·kernel, bias′ = bias + tᵀ·kernel. Behind a Flatten, s and t repeat.
func (f *fuser) forward(target int, scale, shift []float64) {
	kernel, bias, units := f.withBias(target)
	for i := range kernel {
		row, u := i/units%len(scale), i%units
		bias[u] += shift[row] * kernel[i]
		kernel[i] *= scale[row]
	}
}
