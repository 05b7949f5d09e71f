package backendtest

import (
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

// taken returns the gathering of features and labels of one step of three rows.
func (in *Inputs) taken(bytes bool, cols int, clock uint32) []backend.Op {
	const examples = 7
	order, now := in.Indices(6, 0, 3, 3, 99, 1, 2), in.Indices(clock)
	data := in.Normal(examples*cols, 0, 1)
	if bytes {
		data = in.Bytes(examples * cols)
	}
	return []backend.Op{
		ops.Gather{Data: data, Order: order, Clock: now, Y: in.Result(3 * cols), Examples: examples, Rows: 3, Cols: cols, Stride: 4, First: 1, Scale: 0.5},
		ops.GatherLabels{Labels: in.Below(examples, 10), Order: order, Clock: now, Y: in.Indices(7, 7, 7), Examples: examples, Rows: 3, Stride: 4, First: 1},
	}
}

func gatherSequences() (list []Case) {
	for _, cols := range []int{1, 3, 4, 85, 340, 344, 1009} {
		for _, bytes := range []bool{true, false} {
			for _, clock := range []uint32{0, 1, math.MaxUint32} {
				list = append(list, Case{Name: fmt.Sprintf("gather, labels %d bytes %v clock %d", cols, bytes, clock),
					Build: func(in *Inputs) []backend.Op { return in.taken(bytes, cols, clock) }})
			}
		}
	}
	return append(list,
		Case{Name: "gather, labels: of other examples", Build: func(in *Inputs) []backend.Op {
			l := in.taken(true, 5, 0)
			y := l[1].(ops.GatherLabels)
			y.First = 0
			return []backend.Op{l[0], y}
		}},
		Case{Name: "gather, labels: of another step", Build: func(in *Inputs) []backend.Op {
			l := in.taken(true, 5, 0)
			return []backend.Op{l[0], ops.Advance{Clock: l[0].(ops.Gather).Clock}, l[1]}
		}})
}

// scored returns loss, accuracy and gradient of scores, in this order.
func (in *Inputs) scored(rows, cols, k int, x, labels backend.Region) []backend.Op {
	return []backend.Op{
		ops.CrossEntropy{X: x, Labels: labels, Losses: in.Result(rows), Rows: rows, Cols: cols},
		ops.Accuracy{X: x, Labels: labels, Correct: in.Result(rows), Rows: rows, Cols: cols, K: k},
		ops.CrossEntropyGrad{X: x, Labels: labels, DLosses: in.Positive(rows), DX: in.Result(rows * cols), Rows: rows, Cols: cols},
	}
}

// scoredBehindBias is scored with the gradient of the bias behind which the scores lie.
func (in *Inputs) scoredBehindBias(rows, cols int) []backend.Op {
	l := in.scored(rows, cols, 1, in.Normal(rows*cols, 0, 3), in.Below(rows, cols))
	return append(l, ops.BiasGrad{DY: l[2].(ops.CrossEntropyGrad).DX, DBias: in.Result(cols), Rows: rows, Cols: cols})
}

func scoreSequences() (list []Case) {
	for _, s := range [][2]int{{1, 1}, {1, 3}, {3, 1}, {32, 10}, {33, 10}, {128, 10}, {129, 10}, {64, 16}, {65, 16}, {96, 32}, {32, 32}, {9, 33}, {1025, 3}, {7, 31}} {
		list = append(list, Case{Name: fmt.Sprintf("loss, accuracy, gradient, bias %dx%d", s[0], s[1]), Terms: s[0] + s[1], Scale: 10, Build: func(in *Inputs) []backend.Op {
			return in.scoredBehindBias(s[0], s[1])
		}})
	}
	for _, s := range [][3]int{{1, 1, 1}, {1, 3, 1}, {3, 1, 1}, {32, 10, 1}, {33, 10, 3}, {7, 31, 1}, {8, 32, 5}, {9, 33, 1}, {257, 10, 1}, {5, 1009, 50}, {3, 5000, 7},
		{2, 70_001, 1}, {70_001, 2, 1}, {4, 10, 10}, {4, 10, 1 << 16}, {4, 10, 1<<16 + 1}} {
		rows, cols, k := s[0], s[1], s[2]
		list = append(list, Case{Name: fmt.Sprintf("loss, accuracy, gradient %dx%d, k %d", rows, cols, k), Terms: cols, Scale: 10, Build: func(in *Inputs) []backend.Op {
			return in.scored(rows, cols, k, in.Normal(rows*cols, 0, 3), in.Below(rows, cols))
		}})
	}
	extremes := []float64{0, 1e4, -1e4, 80, -80, 80, 1e-30, -3e38, 100, 100}
	return append(list,
		Case{Name: "loss, accuracy, gradient: large scores", Terms: 10, Scale: 10, Build: func(in *Inputs) []backend.Op {
			return in.scored(10, 10, 1, in.Fill(100, func(i int) float64 { return extremes[(i+i/10)%10] }), in.Below(10, 10))
		}},
		Case{Name: "loss, accuracy, gradient: equal scores", Terms: 10, Scale: 10, Build: func(in *Inputs) []backend.Op {
			return in.scored(10, 10, 2, in.Fill(100, func(i int) float64 { return float64(i % 2) }), in.Below(10, 10))
		}},
		Case{Name: "loss, accuracy, gradient: labels out of range", Terms: 10, Scale: 10, Build: func(in *Inputs) []backend.Op {
			return in.scored(4, 3, 1, in.Normal(12, 0, 1), in.Indices(3, 0, math.MaxUint32, 2))
		}},
		Case{Name: "loss, gradient, accuracy", Terms: 10, Scale: 10, Build: func(in *Inputs) []backend.Op {
			l := in.scored(9, 10, 1, in.Normal(90, 0, 1), in.Below(9, 10))
			return []backend.Op{l[0], l[2], l[1]}
		}},
		Case{Name: "loss, accuracy, gradient, bias: gradient changed in between", Terms: 19, Scale: 10, Build: func(in *Inputs) []backend.Op {
			l := in.scoredBehindBias(9, 10)
			return append(l[:3:3], ops.Accumulate{X: in.Normal(90, 0, 1), Y: l[2].(ops.CrossEntropyGrad).DX, N: 90}, l[3])
		}},
		Case{Name: "loss, gradient, bias, accuracy", Terms: 19, Scale: 10, Build: func(in *Inputs) []backend.Op {
			l := in.scoredBehindBias(9, 10)
			return []backend.Op{l[0], l[2], l[3], l[1]}
		}},
		Case{Name: "loss, gradient, bias, accuracy: scores changed in between", Terms: 19, Scale: 10, Build: func(in *Inputs) []backend.Op {
			l := in.scoredBehindBias(9, 10)
			return []backend.Op{l[0], l[2], l[3], ops.Accumulate{X: in.Normal(90, 0, 1), Y: l[0].(ops.CrossEntropy).X, N: 90}, l[1]}
		}},
		Case{Name: "loss, accuracy, gradient: scores changed in between", Terms: 10, Scale: 10, Build: func(in *Inputs) []backend.Op {
			l := in.scored(9, 10, 1, in.Normal(90, 0, 1), in.Below(9, 10))
			return []backend.Op{l[0], ops.Accumulate{X: in.Normal(90, 0, 1), Y: l[0].(ops.CrossEntropy).X, N: 90}, l[1], l[2]}
		}},
		Case{Name: "loss, accuracy, gradient of other labels", Terms: 10, Scale: 10, Build: func(in *Inputs) []backend.Op {
			l := in.scored(9, 10, 1, in.Normal(90, 0, 1), in.Below(9, 10))
			a := l[1].(ops.Accuracy)
			a.Labels = in.Below(9, 10)
			return []backend.Op{l[0], a, l[2]}
		}})
}

// tallied returns the tallies of two metrics, and the end of the step.
func (in *Inputs) tallied(n, second int) []backend.Op {
	ledger, clock := in.Result(4*3), in.Indices(1)
	tally := func(n, column int) backend.Op {
		return ops.Tally{X: in.Normal(n, 0, 1), Clock: clock, Ledger: ledger, N: n, Width: 1, Steps: 4, Columns: 3, Column: column}
	}
	return []backend.Op{tally(n, 2), tally(second, 0), ops.Advance{Clock: clock}}
}

func tallySequences() (list []Case) {
	for _, n := range []int{1, 3, 255, 256, 257, 1009, 70_001} {
		for _, times := range []int{1, 2, 5} {
			list = append(list, Case{Name: fmt.Sprintf("tallies, advance %d, %d times", n, times), Terms: n, Times: times,
				Build: func(in *Inputs) []backend.Op { return in.tallied(n, n) }})
		}
	}
	return append(list,
		Case{Name: "tally, advance", Terms: 9, Times: 2, Build: func(in *Inputs) []backend.Op { return in.tallied(9, 9)[1:] }},
		Case{Name: "tallies of other lengths, advance", Terms: 9, Times: 2, Build: func(in *Inputs) []backend.Op { return in.tallied(9, 8) }},
		Case{Name: "tallies, advance of another clock", Terms: 9, Times: 2, Build: func(in *Inputs) []backend.Op {
			return append(in.tallied(9, 9)[:2], ops.Advance{Clock: in.Indices(3)})
		}})
}

// unfolding is a BatchNorm of the input, the layer behind it, and the gradients of both.
func (in *Inputs) unfolding(rows, cols, units int, between func(int) backend.Region) []backend.Op {
	weights, grads, moving := in.arena(cols, cols, cols*units), in.arena(units, cols, cols, cols*units), in.arena(cols, cols)
	x, dz := in.Normal(rows*cols, 0.5, 2), in.Normal(rows*units, 0.01, 0.1)
	y, mean, invStd, dy, dx := in.Result(rows*cols), in.Passing(cols), in.Passing(cols), between(rows*cols), between(rows*cols)
	return []backend.Op{
		ops.BatchNorm{X: x, Gamma: weights[0], Beta: weights[1], MovingMean: moving[0], MovingVariance: moving[1], Y: y, Mean: mean,
			InvStd: invStd, Rows: rows, Cols: cols, Momentum: 0.99, Epsilon: 1e-3},
		ops.MatMul{A: y, B: weights[2], C: in.Result(rows * units), M: rows, N: units, K: cols},
		ops.BiasGrad{DY: dz, DBias: grads[0], Rows: rows, Cols: units},
		ops.MatMul{A: y, B: dz, C: grads[3], M: cols, N: units, K: rows, TransposeA: true},
		ops.MatMul{A: dz, B: weights[2], C: dy, M: rows, N: cols, K: units, TransposeB: true},
		ops.BatchNormGrad{X: x, DY: dy, Gamma: weights[0], Mean: mean, InvStd: invStd, DX: dx, DGamma: grads[1], DBeta: grads[2], Rows: rows, Cols: cols},
	}
}

// gathered is an unfolding whose input is gathered first, with its labels; order and clock lie in one buffer.
func (in *Inputs) gathered(rows, cols, units int, bytes bool, clock uint32, input func(int) backend.Region) []backend.Op {
	const examples = 37
	positions := 2*rows + 1
	values := make([]uint32, backend.Aligned(backend.U32, positions)+1)
	for i := range positions {
		values[i] = uint32(i * 11 % (examples + 1)) // the last example is taken for the one behind it
	}
	values[len(values)-1] = clock
	steps := in.Indices(values...)
	order, now := steps, steps
	order.Len, now.Offset, now.Len = positions, len(values)-1, 1
	data, scale := in.Normal(examples*cols, 0.5, 2), float32(0.5)
	if bytes {
		data, scale = in.Bytes(examples*cols), 1./64
	}
	l := in.unfolding(rows, cols, units, in.Passing)
	norm, grad := l[0].(ops.BatchNorm), l[5].(ops.BatchNormGrad)
	norm.X = input(rows * cols)
	grad.X = norm.X
	l[0], l[5] = norm, grad
	return append([]backend.Op{
		ops.Gather{Data: data, Order: order, Clock: now, Y: norm.X, Examples: examples, Rows: rows, Cols: cols, Stride: rows + 1, First: 1, Scale: scale},
		ops.GatherLabels{Labels: in.Below(examples, 10), Order: order, Clock: now, Y: in.Indices(make([]uint32, rows)...), Examples: examples, Rows: rows,
			Stride: rows + 1, First: 1},
	}, l...)
}

func gatheredSequences() (list []Case) {
	for _, s := range [][3]int{{7, 36, 16}, {16, 4, 8}, {17, 100, 12}, {31, 33, 8}, {32, 784, 300}, {33, 36, 8}, {64, 68, 8}, {65, 36, 4}, {100, 36, 8}, {129, 8, 8}, {256, 72, 8}, {257, 36, 4}} {
		for _, bytes := range []bool{true, false} {
			list = append(list, Case{Name: fmt.Sprintf("gather, labels, unfolding %dx%dx%d bytes %v", s[0], s[1], s[2], bytes), Terms: s[0] + s[1] + s[2], Scale: 10,
				Build: func(in *Inputs) []backend.Op { return in.gathered(s[0], s[1], s[2], bytes, 0, in.Passing) }})
		}
	}
	return append(list,
		Case{Name: "gather, labels, unfolding: past the last position", Terms: 60, Scale: 10, Build: func(in *Inputs) []backend.Op {
			return in.gathered(17, 36, 8, true, 1, in.Passing)
		}},
		Case{Name: "gather, labels, unfolding: the input kept", Terms: 60, Scale: 10, Build: func(in *Inputs) []backend.Op {
			return in.gathered(17, 36, 8, true, 0, in.Result)
		}},
		Case{Name: "gather, labels, unfolding: the input read later", Terms: 60, Scale: 10, Build: func(in *Inputs) []backend.Op {
			l := in.gathered(17, 36, 8, true, 0, in.Passing)
			return append(l, ops.Accumulate{X: l[0].(ops.Gather).Y, Y: in.Normal(17*36, 0, 1), N: 17 * 36})
		}},
		Case{Name: "gather, labels, unfolding: of another step", Terms: 60, Scale: 10, Build: func(in *Inputs) []backend.Op {
			l := in.gathered(17, 36, 8, true, 0, in.Passing)
			return append([]backend.Op{l[0], l[1], ops.Advance{Clock: l[0].(ops.Gather).Clock}}, l[2:]...)
		}},
		Case{Name: "gather, labels, unfolding: order and clock apart", Terms: 60, Scale: 10, Build: func(in *Inputs) []backend.Op {
			l := in.gathered(17, 36, 8, true, 0, in.Passing)
			x, y := l[0].(ops.Gather), l[1].(ops.GatherLabels)
			x.Clock = in.Indices(0)
			y.Clock = x.Clock
			return append([]backend.Op{x, y}, l[2:]...)
		}})
}

func unfoldingSequences() (list []Case) {
	for _, s := range [][3]int{{1, 1, 1}, {2, 3, 5}, {7, 33, 16}, {32, 784, 300}, {64, 17, 31}, {9, 100, 129}, {3, 2, 5000}, {300, 65, 8}, {5, 20_001, 4},
		{16, 8, 4}, {33, 20, 24}, {17, 100, 164}, {16, 12, 2560}, {16, 4, 2564}} {
		list = append(list, Case{Name: fmt.Sprintf("unfolding %dx%dx%d", s[0], s[1], s[2]), Terms: s[0] + s[1] + s[2], Scale: 10, Build: func(in *Inputs) []backend.Op {
			return in.unfolding(s[0], s[1], s[2], in.Passing)
		}})
	}
	return append(list,
		Case{Name: "unfolding: gradient of the input kept", Terms: 60, Scale: 10, Build: func(in *Inputs) []backend.Op { return in.unfolding(7, 33, 16, in.Result) }},
		Case{Name: "unfolding: gradient of the input read", Terms: 60, Scale: 10, Build: func(in *Inputs) []backend.Op {
			l := in.unfolding(7, 33, 16, in.Passing)
			return append(l, ops.Accumulate{X: l[5].(ops.BatchNormGrad).DX, Y: in.Normal(7*33, 0, 1), N: 7 * 33})
		}},
		Case{Name: "unfolding: bias gradient changed", Terms: 60, Scale: 10, Build: func(in *Inputs) []backend.Op {
			l := in.unfolding(7, 33, 16, in.Passing)
			return append(append(l[:3:3], ops.Accumulate{X: in.Normal(16, 0, 1), Y: l[2].(ops.BiasGrad).DBias, N: 16}), l[3:]...)
		}},
		Case{Name: "unfolding: gamma changed", Terms: 60, Scale: 10, Build: func(in *Inputs) []backend.Op {
			l := in.unfolding(7, 33, 16, in.Passing)
			return append(append(l[:1:1], ops.Accumulate{X: in.Normal(33, 0, 1), Y: l[0].(ops.BatchNorm).Gamma, N: 33}), l[1:]...)
		}})
}
