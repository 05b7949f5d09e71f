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
	f := fuser{layers: slices.Clone(n.layers), weights: wide(weights), folds: map[string]Fold{}}
	for i := 0; i < len(f.layers); i++ { // each leaves its place to what comes after it
		if bn, ok := f.layers[i].Layer.(*batchNormalization); ok && f.foldBack(i, bn) {
			i--
		}
	}
	for i := len(f.layers) - 1; i >= 0; i-- { // the last of several in a row first
		if bn, ok := f.layers[i].Layer.(*batchNormalization); ok {
			f.foldForward(i, bn)
		}
	}
	fused, err := n.assemble(f.layers)
	if err != nil {
		return nil, nil, nil, err
	}
	return fused, f.narrow(fused), f.inOrder(n.layers), nil
}

// fuser folds one BatchNorm after the other. Weights are in float64, so that folding twice into a layer rounds once.
type fuser struct {
	layers  []Placed
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

// foldBack folds the BatchNorm into a Dense without activation right before it, if there is one.
func (f *fuser) foldBack(at int, bn *batchNormalization) bool {
	if at == 0 {
		return false
	}
	d, ok := f.layers[at-1].Layer.(*dense)
	if !ok || d.activation.name != Linear.name {
		return false
	}
	scale, shift := f.affine(bn)
	f.back(at-1, scale, shift)
	f.drop(at, Fold{Into: f.layers[at-1].Name})
	return true
}

// foldForward folds the BatchNorm into a Dense behind it, with nothing but Flatten between, or notes why not.
func (f *fuser) foldForward(at int, bn *batchNormalization) {
	target := at + 1
	for target < len(f.layers) && TypeOf(f.layers[target].Layer) == TypeOf(&flatten{}) {
		target++
	}
	name := f.layers[at].Name
	if target == len(f.layers) {
		f.folds[name] = Fold{BatchNorm: name, Why: "it ends the network, and no Dense without an activation is just before it"}
		return
	}
	if _, ok := f.layers[target].Layer.(*dense); !ok {
		f.folds[name] = Fold{BatchNorm: name, Why: fmt.Sprintf("%s comes after it, and no Dense without an activation is just before it", TypeOf(f.layers[target].Layer))}
		return
	}
	scale, shift := f.affine(bn)
	f.forward(target, scale, shift)
	f.drop(at, Fold{Into: f.layers[target].Name, Forward: true})
}

// drop removes a BatchNorm that was folded.
func (f *fuser) drop(at int, fold Fold) {
	fold.BatchNorm = f.layers[at].Name
	f.folds[fold.BatchNorm] = fold
	f.layers = slices.Delete(f.layers, at, at+1)
}

// affine returns s and t of the BatchNorm's y = s·x + t.
func (f *fuser) affine(bn *batchNormalization) (scale, shift []float64) {
	mean, variance := f.weights[bn.movingMean.Name], f.weights[bn.movingVariance.Name]
	for c := range mean {
		s := f.element(bn.affine.gamma, c, 1) / math.Sqrt(variance[c]+float64(bn.epsilon))
		scale = append(scale, s)
		shift = append(shift, f.element(bn.affine.beta, c, 0)-s*mean[c])
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
