package backendtest

import (
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/engine/ops"
)

// combined is f(a, b) with its two slopes, for all but sums.
func combined(k ops.Combination, a, b float64) (value, da, db float64) {
	switch k {
	case ops.Product:
		return a * b, b, a
	case ops.Maximum:
		return math.Max(a, b), choose(a >= b, 1, 0), choose(a >= b, 0, 1)
	}
	return math.Min(a, b), choose(a <= b, 1, 0), choose(a <= b, 0, 1)
}

func combine(o ops.Combine) {
	weightA, weightB := decimal(o.WeightA), decimal(o.WeightB)
	for i := range f64(o.Y) {
		a, b := f64(o.A)[i], f64(o.B)[i]
		value, _, _ := combined(o.Combination, a, b)
		f64(o.Y)[i] = choose(o.Combination == ops.Sum, weightA*a+weightB*b, value)
	}
}

func combineGrad(o ops.CombineGrad) {
	for i, dy := range f64(o.DY) {
		_, da, db := combined(o.Combination, f64(o.A)[i], f64(o.B)[i])
		f64(o.DX)[i] = dy * choose(o.Combination == ops.Sum, decimal(o.Weight), choose(o.Second, db, da))
	}
}

func combineCases() []Case {
	var cases []Case
	for _, k := range ops.Combinations() {
		for _, n := range []int{1, 3, 255, 256, 257, 1009, 70_001} {
			cases = append(cases, Case{Name: fmt.Sprintf("combine %v %d", k, n), Scale: 2, Build: one(func(in *Inputs) ops.Combine {
				return ops.Combine{A: in.Normal(n, 0, 2), B: in.Normal(n, 0, 2), Y: in.Result(n), N: n, Combination: k, WeightA: 0.3, WeightB: -1.5}
			})})
			for _, second := range []bool{false, true} {
				cases = append(cases, Case{Name: fmt.Sprintf("combine_grad %v %d second %v", k, n, second), Scale: 2, Build: one(func(in *Inputs) ops.CombineGrad {
					return ops.CombineGrad{A: in.Normal(n, 0, 2), B: in.Normal(n, 0, 2), DY: in.Normal(n, 0, 1), DX: in.Result(n),
						N: n, Combination: k, Weight: -0.7, Second: second}
				})})
			}
		}
		nan := float32(math.NaN())
		cases = append(cases, Case{Name: fmt.Sprintf("combine %v of extremes", k), Build: one(func(in *Inputs) ops.Combine {
			return ops.Combine{A: in.Of(nan, 1, 1e30, -1e30, 2, 0), B: in.Of(1, nan, 1e4, 1e30, 2, -1e-30), Y: in.Result(6), N: 6, Combination: k, WeightA: 1, WeightB: 1}
		})}, Case{Name: fmt.Sprintf("combine_grad %v of equals", k), Build: one(func(in *Inputs) ops.CombineGrad {
			return ops.CombineGrad{A: in.Of(1, -2, 0), B: in.Of(1, -2, 0), DY: in.Of(1, 2, 3), DX: in.Result(3), N: 3, Combination: k, Weight: 1}
		})})
	}
	const many = 65_535*256 + 77 // more than one dimension has workgroups of 256
	return append(cases, Case{Name: "combine in two rows of workgroups", Build: one(func(in *Inputs) ops.Combine {
		return ops.Combine{A: in.Fill(many, func(i int) float64 { return float64(i % 1009) }), B: in.Fill(many, func(i int) float64 { return float64(i % 7) }), Y: in.Result(many), N: many, WeightA: 1, WeightB: 0.5}
	})})
}
