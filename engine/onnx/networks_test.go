package onnx_test

import (
	"github.com/gradus-ml/gradus/engine/graph"
	"github.com/gradus-ml/gradus/engine/nn"
	"github.com/gradus-ml/gradus/engine/ops"
)

// activations are all of package nn, with and without options.
var activations = []struct {
	name string
	f    nn.ActivationFunc
}{
	{"linear", nn.Linear}, {"relu", nn.ReLU}, {"relu6", nn.ReLU6}, {"leaky_relu", nn.LeakyReLU}, {"leaky_relu 0.05", nn.LeakyReLUSlope(0.05)},
	{"relu max 1.5", nn.ReLUWith(nn.ReLUOptions{MaxValue: 1.5})}, {"relu threshold 0.5", nn.ReLUWith(nn.ReLUOptions{Threshold: 0.5})},
	{"relu slope 0.2 max 1 threshold 0.3", nn.ReLUWith(nn.ReLUOptions{MaxValue: 1, NegativeSlope: 0.2, Threshold: 0.3})},
	{"relu slope 0.2 max 1", nn.ReLUWith(nn.ReLUOptions{MaxValue: 1, NegativeSlope: 0.2})},
	{"rrelu", nn.RReLU}, {"rrelu 0.1 to 0.5", nn.RReLUBetween(0.1, 0.5)}, {"elu", nn.ELU}, {"elu alpha 0.5", nn.ELUAlpha(0.5)}, {"elu alpha 0", nn.ELUAlpha(0)},
	{"selu", nn.SELU}, {"celu", nn.CELU}, {"celu alpha 2", nn.CELUAlpha(2)}, {"gelu", nn.GELU}, {"gelu_tanh", nn.GELUTanh}, {"silu", nn.SiLU},
	{"swish beta 1.7", nn.SwishBeta(1.7)}, {"swish beta 0", nn.SwishBeta(0)}, {"mish", nn.Mish}, {"softplus", nn.Softplus}, {"softsign", nn.Softsign},
	{"sigmoid", nn.Sigmoid}, {"hard_sigmoid", nn.HardSigmoid}, {"hard_silu", nn.HardSiLU}, {"tanh", nn.Tanh}, {"hard_tanh", nn.HardTanh},
	{"exponential", nn.Exponential}, {"softmax", nn.Softmax}, {"log_softmax", nn.LogSoftmax}, {"prelu", nn.PReLU(nn.Constant(0.3))},
	{"own, of functions of graph", nn.NewActivation("bent", func(r *graph.Recorder, x *graph.Tensor) *graph.Tensor {
		return graph.Combine(r, ops.Product, graph.Affine(r, x, 0.5, 0.25), graph.Activate(r, x, ops.Tanh))
	})},
}

// network is a row of the table.
type network struct {
	name string
	net  *nn.Network
}

// networks are one for each layer and activation function, with their options, and some whole ones.
func networks() []network {
	var list []network
	for _, a := range activations {
		list = append(list, network{"Dense, " + a.name, nn.Sequential(nn.Input(7), nn.Dense(5, a.f))},
			network{"Activation, " + a.name, nn.Sequential(nn.Input(3, 2, 4), nn.BatchNorm(), nn.Activation(a.f))})
	}
	row := func(name string, shape []int, layers ...nn.Layer) {
		list = append(list, network{name, nn.Sequential(append([]nn.Layer{nn.Input(shape...)}, layers...)...)})
	}
	row("Dense, no bias", []int{7}, nn.Dense(5, nn.NoBias))
	row("Flatten", []int{3, 4}, nn.Flatten(), nn.Dense(2))
	row("BatchNorm", []int{6}, nn.BatchNorm())
	row("BatchNorm, 3 axes", []int{3, 2, 4}, nn.BatchNorm(nn.Epsilon(0.1)))
	row("BatchNorm, axis 1 of 3", []int{3, 2, 4}, nn.BatchNorm(nn.Axis(1)))
	row("BatchNorm, axis 2 of 3", []int{3, 2, 4}, nn.BatchNorm(nn.Axis(-2)), nn.Flatten(), nn.Dense(3))
	row("BatchNorm, axis 1, no scale, no center", []int{3, 4}, nn.BatchNorm(nn.Axis(1), nn.NoScale, nn.NoCenter), nn.Flatten(), nn.Dense(2))
	row("LayerNorm", []int{6}, nn.LayerNorm())
	row("LayerNorm, 3 axes, no center", []int{3, 2, 4}, nn.LayerNorm(nn.NoCenter, nn.Epsilon(0.01)))
	row("LayerNorm, no scale", []int{6}, nn.LayerNorm(nn.NoScale))
	row("RMSNorm", []int{6}, nn.RMSNorm())
	row("RMSNorm, 2 axes", []int{3, 4}, nn.RMSNorm(nn.Epsilon(0.01)))
	row("Normalization", []int{3, 2}, nn.Normalization([]float64{0.5, -1}, []float64{2, 0.25}), nn.Flatten(), nn.Dense(2))
	row("PReLU, shared axes", []int{3, 2, 4}, nn.Activation(nn.PReLU(nn.Constant(0.2), nn.SharedAxes{1, 2})))
	row("PReLU, shared last axis", []int{3, 4}, nn.Activation(nn.PReLU(nn.Constant(0.2), nn.SharedAxes{2})))
	row("Dropout and noise", []int{6}, nn.Dropout(0.5), nn.AlphaDropout(0.1), nn.GaussianDropout(0.2), nn.GaussianNoise(0.3), nn.Dense(3))
	row("Dropout alone", []int{6}, nn.Dense(6), nn.Dropout(0.5))
	row("Slice", []int{3, 6}, nn.LayerNorm(), nn.Slice(2, 5))
	row("regularised", []int{6}, nn.Dense(4, nn.ReLU, nn.KernelRegularizer(nn.Regularizer{L2: 0.1}), nn.ActivityRegularizer(nn.L1(0.1))), nn.Dense(2))
	encoder := nn.Dense(3, nn.ELU)
	row("Tied", []int{6}, encoder, nn.Tied(encoder, nn.Sigmoid))
	row("own layer", []int{6}, &centred{}, nn.Dense(2))
	row("the README's", []int{28, 28}, nn.Flatten(), nn.BatchNorm(), nn.Dense(100, nn.ELU, nn.HeNormal), nn.BatchNorm(), nn.Dense(10, nn.Softmax))
	return append(list, graphs()...)
}

// graphs are networks that branch.
func graphs() []network {
	var list []network
	for name, layer := range map[string]func() nn.Merger{
		"Add": func() nn.Merger { return nn.Add() }, "Average": func() nn.Merger { return nn.Average() },
		"Multiply": func() nn.Merger { return nn.Multiply() }, "Maximum": func() nn.Merger { return nn.Maximum() },
		"Minimum": func() nn.Merger { return nn.Minimum() }, "Concatenate": func() nn.Merger { return nn.Concatenate() },
	} {
		a, b, c := nn.Input(2, 3), nn.Input(2, 3), nn.Input(2, 3)
		list = append(list, network{name, nn.Functional([]*nn.Node{a, b, c}, nn.Merge(layer(), a, b, c).To(nn.Flatten(), nn.Dense(2)))},
			network{name + ", alone", nn.Functional([]*nn.Node{a, b, c}, nn.Merge(layer(), a.To(nn.BatchNorm()), b, c))})
	}
	a, b := nn.Input(4), nn.Input(4)
	list = append(list, network{"Subtract", nn.Functional([]*nn.Node{a, b}, nn.Merge(nn.Subtract(), a, b.To(nn.LayerNorm())))})

	x, shared := nn.Input(4), nn.Dense(4, nn.Tanh, nn.Name("shared"))
	once := x.To(shared)
	list = append(list, network{"shared, skip, two outputs", nn.Functional([]*nn.Node{x},
		nn.Merge(nn.Add(), x, once.To(shared)).To(nn.Dense(3, nn.Softmax, nn.Name("main"))), once.To(nn.Dense(1, nn.Name("aux"))))})
	y := nn.Input(4)
	twice := y.To(nn.Dense(2, nn.Name("head")))
	list = append(list, network{"one output twice", nn.Functional([]*nn.Node{y}, twice, twice)})
	z := nn.Input(4)
	list = append(list, network{"an input as an output's own", nn.Functional([]*nn.Node{z}, z.To(nn.Dropout(0.5)), z.To(nn.Flatten()), z.To(nn.Dense(1)))})
	wide, deep := nn.Input(5), nn.Input(6)
	hidden := deep.To(nn.Dense(30, nn.ReLU), nn.Dense(30, nn.ReLU))
	return append(list, network{"wide and deep", nn.Functional([]*nn.Node{wide, deep}, nn.Merge(nn.Concatenate(), wide, hidden).To(nn.Dense(1)))})
}

// centred is a layer of a user's own, of functions of graph: tanh(2·x − 1/2 + offset).
type centred struct{ offset *graph.Variable }

func (l *centred) Build(b *nn.Builder, in []int) ([]int, error) {
	l.offset = b.Variable("offset", in, true, nn.RandomNormal(0, 1))
	return in, nil
}

func (l *centred) Forward(r *graph.Recorder, x *graph.Tensor) *graph.Tensor {
	return graph.Activate(r, graph.Bias(r, graph.Affine(r, x, 2, -0.5), r.Variable(l.offset)), ops.Tanh)
}
