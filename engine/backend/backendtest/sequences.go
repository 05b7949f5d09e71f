package backendtest

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

// Passing allocates n values for an operation to overwrite, and tells the device that nobody reads them after a run.
func (in *Inputs) Passing(n int) backend.Region {
	r := in.Result(n)
	if t, ok := r.Buffer.(backend.Transient); ok {
		t.MarkTransient()
	}
	return r
}

// passing reports whether a region may be left unwritten.
func passing(r backend.Region) bool {
	t, ok := r.Buffer.(backend.Transient)
	return ok && t.IsTransient()
}

// RunSequences runs lists of operations that a device may do otherwise than one by one, and lists that look like those but may not be
// changed, on devices, against the oracle: those whose operands have at most so many elements together.
func RunSequences(t *testing.T, most int, devices ...backend.Backend) {
	RunSequencesOf(t, "", most, devices...)
}

// RunSequencesOf runs those of RunSequences whose names begin so.
func RunSequencesOf(t *testing.T, beginning string, most int, devices ...backend.Backend) {
	for i, c := range Sequences() {
		if !strings.HasPrefix(c.Name, beginning) || most < math.MaxInt && c.elements(t) > most {
			continue
		}
		t.Run(c.Name, func(t *testing.T) {
			tape := &tape{}
			want := c.run(tape.inputs(t, NewOracle(), uint64(i)))
			each(t, devices, func(t *testing.T, dev backend.Backend) {
				got := c.run(tape.inputs(t, dev, uint64(i)))
				c.compare(t, dev, got, want)
				again := c.run(tape.inputs(t, dev, uint64(i)))
				sameBits(t, dev, got, again)
				release(again)
				release(got)
			})
		})
	}
}

// Sequences lists the lists of RunSequences.
func Sequences() []Case {
	return slices.Concat(layerSequences(), biasActivationSequences(), normSequences(), normGradSequences(), activatedSequences(), gatherSequences(), scoreSequences(), tallySequences(),
		unfoldingSequences(), gatheredSequences(), clippedUpdateSequences())
}

// layerSizes are rows and columns of a layer's output: single elements, odd shapes, the edges of workgroups, the seed network's.
var layerSizes = [][2]int{{1, 1}, {1, 3}, {3, 1}, {2, 5}, {7, 31}, {8, 32}, {9, 33}, {33, 129}, {257, 3}, {5, 1009}, {32, 300}, {32, 100}}

// withBias returns a bias and an activation behind it, and what is between them.
func (in *Inputs) withBias(rows, cols int, f ops.Function, between func(int) backend.Region) (ops.Bias, ops.Activation) {
	pre := between(rows * cols)
	return ops.Bias{X: in.Normal(rows*cols, 0, 2), Bias: in.Normal(cols, 0, 1), Y: pre, Rows: rows, Cols: cols},
		ops.Activation{X: pre, Y: in.Result(rows * cols), N: rows * cols, Function: f, Options: ops.Options{Alpha: 0.7, Beta: 3}}
}

func biasActivationSequences() (list []Case) {
	for _, s := range append(layerSizes, [2]int{70_001, 2}, [2]int{2, 70_001}) {
		list = append(list, Case{Name: fmt.Sprintf("bias, activation %dx%d", s[0], s[1]), Scale: 4, Build: func(in *Inputs) []backend.Op {
			b, a := in.withBias(s[0], s[1], ops.ELU, in.Passing)
			return []backend.Op{b, a}
		}})
	}
	for _, f := range ops.Functions() {
		list = append(list, Case{Name: fmt.Sprintf("bias, %v", f), Scale: 4, Build: func(in *Inputs) []backend.Op {
			b, a := in.withBias(9, 33, f, in.Passing)
			return []backend.Op{b, a}
		}})
	}
	for name, build := range map[string]func(in *Inputs) []backend.Op{
		"between kept": func(in *Inputs) []backend.Op {
			b, a := in.withBias(7, 33, ops.Tanh, in.Result)
			return []backend.Op{b, a}
		},
		"between read later": func(in *Inputs) []backend.Op {
			b, a := in.withBias(7, 33, ops.Tanh, in.Passing)
			return []backend.Op{b, a, ops.Accumulate{X: b.Y, Y: in.Of(make([]float32, 7*33)...), N: 7 * 33}}
		},
		"between read by two activations": func(in *Inputs) []backend.Op {
			b, a := in.withBias(7, 33, ops.Tanh, in.Passing)
			c := a
			c.Y, c.Function = in.Result(a.N), ops.Sigmoid
			return []backend.Op{b, a, c}
		},
		"between changed before": func(in *Inputs) []backend.Op {
			b, a := in.withBias(7, 33, ops.Tanh, in.Passing)
			return []backend.Op{b, ops.Accumulate{X: in.Normal(7*33, 0, 1), Y: b.Y, N: 7 * 33}, a}
		},
		"back to where it began": func(in *Inputs) []backend.Op {
			b, a := in.withBias(7, 33, ops.Tanh, in.Passing)
			a.Y = b.X
			return []backend.Op{b, a}
		},
		"bias changed in between": func(in *Inputs) []backend.Op {
			b, a := in.withBias(7, 33, ops.Tanh, in.Passing)
			return []backend.Op{b, ops.Accumulate{X: in.Normal(33, 0, 1), Y: b.Bias, N: 33}, a}
		},
		"a stranger in between": func(in *Inputs) []backend.Op {
			b, a := in.withBias(7, 33, ops.Tanh, in.Passing)
			return []backend.Op{b, ops.Accumulate{X: in.Normal(33, 0, 1), Y: in.Normal(33, 0, 1), N: 33}, a}
		},
		"NaN": func(in *Inputs) []backend.Op {
			b, a := in.withBias(7, 33, ops.Tanh, in.Passing)
			b.Bias = in.Fill(33, func(i int) float64 { return []float64{0, math.NaN(), 1}[i%3] })
			return []backend.Op{b, a}
		},
	} {
		list = append(list, Case{Name: "bias, activation: " + name, Scale: 4, Build: build})
	}
	slices.SortFunc(list, func(a, b Case) int { return compareNames(a.Name, b.Name) })
	return list
}

func compareNames(a, b string) int {
	if a < b {
		return -1
	}
	return 1
}

// arena returns regions of one buffer of normal values around 1.
func (in *Inputs) arena(sizes ...int) []backend.Region {
	return in.Arena(sizes, func(int, int) float64 { return 1 + 0.3*in.stream.Normal() })
}

// normed returns a bias, an activation and a BatchNorm, one behind the other; what is between them is kept.
func (in *Inputs) normed(rows, cols int, weights, moving []backend.Region) []backend.Op {
	b, a := in.withBias(rows, cols, ops.ELU, in.Result)
	b.Bias = weights[0]
	return []backend.Op{b, a, ops.BatchNorm{X: a.Y, Gamma: weights[1], Beta: weights[2], MovingMean: moving[0], MovingVariance: moving[1],
		Y: in.Result(rows * cols), Mean: in.Result(cols), InvStd: in.Result(cols), Rows: rows, Cols: cols, Momentum: 0.99, Epsilon: 1e-3}}
}

func normSequences() (list []Case) {
	for _, s := range append(layerSizes, [2]int{1, 70_001}, [2]int{300, 65}) {
		rows, cols := s[0], s[1]
		list = append(list, Case{Name: fmt.Sprintf("bias, activation, batchnorm %dx%d", rows, cols), Terms: rows, Scale: 30, Build: func(in *Inputs) []backend.Op {
			return in.normed(rows, cols, in.arena(cols, cols, cols), in.arena(cols, cols))
		}})
	}
	return append(list,
		Case{Name: "bias, activation, batchnorm: parameters apart", Terms: 9, Scale: 30, Build: func(in *Inputs) []backend.Op {
			return in.normed(9, 33, []backend.Region{in.Normal(33, 0, 1), in.Normal(33, 0, 1), in.Normal(33, 0, 1)}, in.arena(33, 33))
		}},
		Case{Name: "bias, activation, batchnorm: in another order", Terms: 9, Scale: 30, Build: func(in *Inputs) []backend.Op {
			w, m := in.arena(33, 33, 33), in.arena(33, 33)
			return in.normed(9, 33, []backend.Region{w[2], w[0], w[1]}, []backend.Region{m[1], m[0]})
		}},
		Case{Name: "bias, activation, batchnorm: gamma changed in between", Terms: 9, Scale: 30, Build: func(in *Inputs) []backend.Op {
			l := in.normed(9, 33, in.arena(33, 33, 33), in.arena(33, 33))
			return []backend.Op{l[0], l[1], ops.Accumulate{X: in.Normal(33, 0, 1), Y: l[2].(ops.BatchNorm).Gamma, N: 33}, l[2]}
		}})
}

// normGrads returns the gradients of a BatchNorm, of the activation before it and of the bias before that.
func (in *Inputs) normGrads(rows, cols int, between func(int) backend.Region, grads []backend.Region) []backend.Op {
	n, dx := rows*cols, between(rows*cols)
	g := ops.BatchNormGrad{X: in.Normal(n, 0.5, 1), DY: in.Normal(n, 0.1, 1), Gamma: in.Normal(cols, 1, 0.3), Mean: in.Normal(cols, 0.5, 0.1),
		InvStd: in.Positive(cols), DX: dx, DGamma: grads[0], DBeta: grads[1], Rows: rows, Cols: cols}
	a := ops.ActivationGrad{X: in.Normal(n, 0, 2), DY: dx, DX: in.Result(n), N: n, Function: ops.ELU, Options: ops.Options{Alpha: 0.7}}
	return []backend.Op{g, a, ops.BiasGrad{DY: a.DX, DBias: grads[2], Rows: rows, Cols: cols}}
}

func normGradSequences() (list []Case) {
	for _, s := range append(layerSizes, [2]int{1, 70_001}, [2]int{300, 65}) {
		rows, cols := s[0], s[1]
		list = append(list, Case{Name: fmt.Sprintf("batchnorm, activation, bias: gradients %dx%d", rows, cols), Terms: rows, Scale: 10, Build: func(in *Inputs) []backend.Op {
			return in.normGrads(rows, cols, in.Passing, in.arena(cols, cols, cols))
		}})
	}
	return append(list,
		Case{Name: "batchnorm, activation, bias: gradients, the first kept", Terms: 9, Scale: 10, Build: func(in *Inputs) []backend.Op {
			return in.normGrads(9, 33, in.Result, in.arena(33, 33, 33))
		}},
		Case{Name: "batchnorm, activation, bias: gradients, the first read later", Terms: 9, Scale: 10, Build: func(in *Inputs) []backend.Op {
			l := in.normGrads(9, 33, in.Passing, in.arena(33, 33, 33))
			return append(l, ops.Accumulate{X: l[0].(ops.BatchNormGrad).DX, Y: in.Normal(9*33, 0, 1), N: 9 * 33})
		}},
		Case{Name: "batchnorm, activation, bias: gradients apart", Terms: 9, Scale: 10, Build: func(in *Inputs) []backend.Op {
			return in.normGrads(9, 33, in.Passing, []backend.Region{in.Result(33), in.Result(33), in.Result(33)})
		}},
		Case{Name: "batchnorm, activation, bias: gradients of NaN", Terms: 9, Scale: 10, Build: func(in *Inputs) []backend.Op {
			l := in.normGrads(9, 33, in.Passing, in.arena(33, 33, 33))
			a := l[1].(ops.ActivationGrad)
			a.X = in.Fill(9*33, func(i int) float64 { return []float64{0.1, math.NaN(), -0.2, 0, -1}[i%5] })
			l[1] = a
			return l
		}})
}
