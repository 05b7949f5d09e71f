package backendtest

import (
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

// activated returns a BatchNorm, an activation behind it, and their gradients with that of a bias before them.
func (in *Inputs) activated(rows, cols int, between func(int) backend.Region, grads []backend.Region) []backend.Op {
	n, weights, moving := rows*cols, in.arena(cols, cols), in.arena(cols, cols)
	options := ops.Options{Alpha: 0.7}
	norm := ops.BatchNorm{X: in.Normal(n, 0.5, 1), Gamma: weights[0], Beta: weights[1], MovingMean: moving[0], MovingVariance: moving[1],
		Y: in.Result(n), Mean: in.Result(cols), InvStd: in.Result(cols), Rows: rows, Cols: cols, Momentum: 0.99, Epsilon: 1e-3}
	dy := between(n)
	grad := ops.BatchNormGrad{X: in.Normal(n, 0.5, 1), DY: dy, Gamma: norm.Gamma, Mean: in.Normal(cols, 0.5, 0.1), InvStd: in.Positive(cols), DX: in.Result(n),
		DGamma: grads[0], DBeta: grads[1], Rows: rows, Cols: cols}
	return []backend.Op{
		norm, ops.Activation{X: norm.Y, Y: in.Result(n), N: n, Function: ops.ELU, Options: options},
		ops.ActivationGrad{X: in.Normal(n, 0, 2), DY: in.Normal(n, 0.1, 1), DX: dy, N: n, Function: ops.ELU, Options: options},
		grad, ops.BiasGrad{DY: grad.DX, DBias: grads[2], Rows: rows, Cols: cols},
	}
}

// behindBias returns the gradients of an activation and of the bias before it.
func (in *Inputs) behindBias(rows, cols int, f ops.Function) []backend.Op {
	n := rows * cols
	a := ops.ActivationGrad{X: in.Normal(n, 0, 2), DY: in.Normal(n, 0.1, 1), DX: in.Result(n), N: n, Function: f, Options: ops.Options{Alpha: 0.7, Beta: 3}}
	return []backend.Op{a, ops.BiasGrad{DY: a.DX, DBias: in.Result(cols), Rows: rows, Cols: cols}}
}

func activatedSequences() (list []Case) {
	for _, s := range append(layerSizes, [2]int{1, 70_001}, [2]int{300, 65}) {
		rows, cols := s[0], s[1]
		list = append(list, Case{Name: fmt.Sprintf("batchnorm, activation and gradients %dx%d", rows, cols), Terms: 4 * rows, Scale: 30, Build: func(in *Inputs) []backend.Op {
			return in.activated(rows, cols, in.Passing, in.arena(cols, cols, cols))
		}}, Case{Name: fmt.Sprintf("activation, bias: gradients %dx%d", rows, cols), Terms: rows, Scale: 10, Build: func(in *Inputs) []backend.Op {
			return in.behindBias(rows, cols, ops.ELU)
		}})
	}
	for _, f := range ops.Functions() {
		list = append(list, Case{Name: fmt.Sprintf("%v, bias: gradients", f), Terms: 9, Scale: 10, Build: func(in *Inputs) []backend.Op {
			return in.behindBias(9, 33, f)
		}})
	}
	return append(list,
		Case{Name: "batchnorm, activation and gradients without a bias", Terms: 36, Scale: 30, Build: func(in *Inputs) []backend.Op {
			return in.activated(9, 33, in.Passing, in.arena(33, 33, 33))[:4]
		}},
		Case{Name: "batchnorm, activation and gradients: a bias elsewhere", Terms: 36, Scale: 30, Build: func(in *Inputs) []backend.Op {
			grads := in.arena(33, 33)
			return in.activated(9, 33, in.Passing, append(grads, in.Result(33)))
		}},
		Case{Name: "batchnorm, activation and gradients: kept in between", Terms: 36, Scale: 30, Build: func(in *Inputs) []backend.Op {
			return in.activated(9, 33, in.Result, in.arena(33, 33, 33))
		}},
		Case{Name: "batchnorm, activation and gradients of NaN", Terms: 36, Scale: 30, Build: func(in *Inputs) []backend.Op {
			l := in.activated(9, 33, in.Passing, in.arena(33, 33, 33))
			a := l[2].(ops.ActivationGrad)
			a.X = in.Fill(9*33, func(i int) float64 { return []float64{0.1, -0.2, 0, math.NaN(), -1}[i%33%5] })
			l[2] = a
			return l
		}})
}
