package backendtest

import (
	"fmt"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

// layerProducts are m, n, k of layers: single elements, odd shapes, the edges of tiles, whole vectors and not, few and many tiles, a long depth.
var layerProducts = [][3]int{
	{1, 1, 1}, {1, 3, 2}, {3, 5, 7}, {5, 8, 4}, {33, 34, 37}, {8, 1031, 6}, {32, 10, 100}, {65, 63, 64}, {449, 193, 17}, // not of vectors
	{4, 4, 4}, {4, 12, 8}, {7, 16, 1000}, {36, 36, 20}, {13, 28, 36}, {8, 16, 4}, {32, 300, 784}, {32, 100, 300}, {76, 132, 20}, {452, 260, 36},
}

// layer returns a product, a bias and an activation, one behind the other, and what is between the latter.
func (in *Inputs) layer(s [3]int, f ops.Function, transposeA, transposeB bool, product, between func(int) backend.Region) (ops.MatMul, ops.Bias, ops.Activation) {
	m, n, k := s[0], s[1], s[2]
	b, a := in.withBias(m, n, f, between)
	b.X = product(m * n)
	return ops.MatMul{A: in.Normal(m*k, 0, 1), B: in.Normal(k*n, 0, 1), C: b.X, M: m, N: n, K: k, TransposeA: transposeA, TransposeB: transposeB}, b, a
}

func layerSequences() (list []Case) {
	add := func(name string, s [3]int, build func(in *Inputs) []backend.Op) {
		list = append(list, Case{Name: "matmul, bias" + name, Terms: s[2] + 1, Scale: 4 * partialSums(s[2]), Build: build})
	}
	for _, s := range layerProducts {
		for _, form := range []struct{ ta, tb bool }{{false, false}, {true, false}, {false, true}} {
			size := fmt.Sprintf("%dx%dx%d %v %v", s[0], s[1], s[2], form.ta, form.tb)
			add(", activation "+size, s, func(in *Inputs) []backend.Op {
				m, b, a := in.layer(s, ops.ELU, form.ta, form.tb, in.Passing, in.Result)
				return []backend.Op{m, b, a}
			})
			if s[2] < 50 {
				add(" "+size, s, func(in *Inputs) []backend.Op {
					m, b, _ := in.layer(s, ops.ELU, form.ta, form.tb, in.Passing, in.Result)
					return []backend.Op{m, b}
				})
			}
		}
	}
	for _, s := range [][3]int{{9, 12, 16}, {9, 11, 13}} {
		for _, f := range []ops.Function{ops.Identity, ops.ReLU, ops.GELU} { // the others are those of bias and activation
			add(fmt.Sprintf(", %v %dx%dx%d", f, s[0], s[1], s[2]), s, func(in *Inputs) []backend.Op {
				m, b, a := in.layer(s, f, false, false, in.Passing, in.Passing)
				return []backend.Op{m, b, a}
			})
		}
	}
	s := [3]int{9, 12, 16}
	add(", activation: the product kept", s, func(in *Inputs) []backend.Op {
		m, b, a := in.layer(s, ops.Tanh, false, false, in.Result, in.Passing)
		return []backend.Op{m, b, a}
	})
	add(", activation: the product read later", s, func(in *Inputs) []backend.Op {
		m, b, a := in.layer(s, ops.Tanh, false, false, in.Passing, in.Passing)
		return []backend.Op{m, b, a, ops.Accumulate{X: m.C, Y: in.Normal(9*12, 0, 1), N: 9 * 12}}
	})
	add(", activation: between read later", s, func(in *Inputs) []backend.Op {
		m, b, a := in.layer(s, ops.Tanh, false, false, in.Passing, in.Passing)
		return []backend.Op{m, b, a, ops.Accumulate{X: b.Y, Y: in.Normal(9*12, 0, 1), N: 9 * 12}}
	})
	add(", activation: a factor changed in between", s, func(in *Inputs) []backend.Op {
		m, b, a := in.layer(s, ops.Tanh, false, false, in.Passing, in.Passing)
		return []backend.Op{m, ops.Accumulate{X: in.Normal(9*16, 0, 1), Y: m.A, N: 9 * 16}, b, a}
	})
	add(", activation: back to a factor", [3]int{9, 16, 16}, func(in *Inputs) []backend.Op {
		m, b, a := in.layer([3]int{9, 16, 16}, ops.Tanh, false, false, in.Passing, in.Passing)
		a.Y = m.A
		return []backend.Op{m, b, a}
	})
	add(", activation: a bias that repeats", s, func(in *Inputs) []backend.Op {
		m, b, a := in.layer(s, ops.Tanh, false, false, in.Passing, in.Passing)
		b.Rows, b.Cols, b.Bias = 18, 6, in.Normal(6, 0, 1)
		return []backend.Op{m, b, a}
	})
	add(", activation: NaN", s, func(in *Inputs) []backend.Op {
		m, b, a := in.layer(s, ops.ReLU, false, false, in.Passing, in.Result)
		m.A = in.normalBut(9*16, 20)
		return []backend.Op{m, b, a}
	})
	return list
}
