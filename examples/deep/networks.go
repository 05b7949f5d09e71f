package main

import "github.com/gradus-ml/gradus/engine/nn"

// variant is a way to build and train a deep network.
type variant struct {
	name   string
	rate   float32
	hidden func(x *experiment) []nn.Layer // one hidden layer
	mc     bool                           // predict by Monte Carlo dropout too
	cycle  bool                           // train by one cycle of rates, up to what a range test allows
}

// variants are the chapter's, in its order.
var variants = []variant{
	{name: "He, Swish", rate: 0.02, hidden: func(x *experiment) []nn.Layer {
		return []nn.Layer{nn.Dense(x.units, nn.Swish, nn.HeNormal)}
	}},
	{name: "He, Swish, BatchNorm", rate: 0.02, hidden: func(x *experiment) []nn.Layer {
		return []nn.Layer{nn.Dense(x.units, nn.HeNormal, nn.NoBias), nn.BatchNorm(), nn.Activation(nn.Swish)}
	}},
	{name: "LeCun, SELU", rate: 0.005, hidden: func(x *experiment) []nn.Layer {
		return []nn.Layer{nn.Dense(x.units, nn.SELU, nn.LeCunNormal)}
	}},
	{name: "LeCun, SELU, alpha dropout", rate: 0.005, mc: true, hidden: func(x *experiment) []nn.Layer {
		return []nn.Layer{nn.Dense(x.units, nn.SELU, nn.LeCunNormal), nn.AlphaDropout(0.01)}
	}},
	{name: "LeCun, SELU, 1cycle", rate: 0.005, cycle: true, hidden: func(x *experiment) []nn.Layer {
		return []nn.Layer{nn.Dense(x.units, nn.SELU, nn.LeCunNormal)}
	}},
}

// drawn are those whose gradients are compared before training.
var drawn = []variant{
	{name: "Glorot, sigmoid", hidden: func(x *experiment) []nn.Layer { return []nn.Layer{nn.Dense(x.units, nn.Sigmoid)} }},
	{name: "He, ELU", hidden: func(x *experiment) []nn.Layer { return []nn.Layer{nn.Dense(x.units, nn.ELU, nn.HeNormal)} }},
	{name: "Glorot, sigmoid, BatchNorm", hidden: func(x *experiment) []nn.Layer {
		return []nn.Layer{nn.Dense(x.units, nn.NoBias), nn.BatchNorm(), nn.Activation(nn.Sigmoid)}
	}},
}

// network stacks the hidden layers on standardised inputs. The statistics are of the last axis: of columns of pixels.
func (x *experiment) network(v variant) *nn.Network {
	layers := []nn.Layer{nn.Input(28, 28), nn.Normalization(x.mean, x.variance), nn.Flatten()}
	for range x.layers {
		layers = append(layers, v.hidden(x)...)
	}
	return nn.Sequential(append(layers, nn.Dense(10, nn.Softmax, nn.Name("output")))...)
}
