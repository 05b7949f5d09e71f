package optim

import (
	"fmt"
	"math"
	"slices"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

// Muon steps in the direction of the orthogonal matrix nearest to the momentum (Jordan et al., 2024; Liu et al., 2025; Keras's
// Muon). For each matrix, with gradient G:
//
//	M ← Momentum·M + G,  X = (G + Momentum·M)/(‖G + Momentum·M‖ + ε),  Iterations times:  A = X·Xᵀ, X ← a·X + (b·A + c·A²)·X,
//	W ← W − rate·RMSRate·√max(rows, cols)·X
//
// with a, b, c = 3.4445, −4.7750, 2.0315. It is for the kernels of hidden layers: the variables with two axes, but for those that
// Except names, which should be those of the last layer. These and all other variables are trained by Adam, with the same rate times
// AdamRate. With WeightDecay, w ← w − rate·decay·w before; Keras's default is 0.004. An iteration is three products of matrices
// for each kernel, so a step costs several times that of Adam.
type Muon struct {
	LearningRate float32  // zero means 0.001
	Schedule     Schedule // of the learning rate, in place of LearningRate
	Momentum     float64  // 0 to 1 exclusive; zero means 0.95
	Iterations   int      // of Newton and Schulz, at most 100; zero means 5
	RMSRate      float64  // zero means 0.2
	AdamRate     float64  // zero means 1
	Beta1, Beta2 float64  // Adam's, 0 to 1 exclusive; zeros mean 0.9 and 0.999
	Epsilon      float32  // zero means 1e-7
	WeightDecay  float32  // 0 to 1
	Except       []string // patterns, as in Group, of kernels that Adam trains: "dense_2/*"
}

func (o Muon) options() options {
	return options{name: "Muon", rate: o.LearningRate, schedule: o.Schedule, beta1: or(o.Beta1, 0.9), beta2: or(o.Beta2, 0.999),
		epsilon: or(o.Epsilon, 1e-7), decay: o.WeightDecay}
}

// Name returns "Muon".
func (Muon) Name() string { return "Muon" }

// Check implements Optimizer.
func (o Muon) Check() error {
	for _, option := range []struct {
		name  string
		value float64
	}{{"RMSRate", o.RMSRate}, {"AdamRate", o.AdamRate}} {
		if !(option.value >= 0 && option.value <= maxRate) {
			return fmt.Errorf("optim: Muon: %s is %v, want more than 0, at most %v", option.name, option.value, float32(maxRate))
		}
	}
	if o.Iterations < 0 || o.Iterations > 100 {
		return fmt.Errorf("optim: Muon: iterations is %d, want 1 to 100", o.Iterations)
	}
	if err := checkFraction("Muon", "momentum", o.Momentum, nil); err != nil {
		return err
	}
	if err := checkPatterns(o.Except); err != nil {
		return fmt.Errorf("optim: Muon: except: %w", err)
	}
	return o.options().check()
}

// Slots implements Optimizer: Adam's m and v, and M.
func (Muon) Slots() []float32 { return []float32{0, 0, 0} }

// Rate implements Optimizer.
func (o Muon) Rate(step int) float64 { return o.options().at(step) }

// Rates returns the coefficients of ops.Adam, then those of ops.SGD, which takes the steps of the matrices.
func (o Muon) Rates(step int, scale float64) []float32 {
	first, second := o.options().corrections(step)
	row := o.options().row(step, scale, or(o.AdamRate, 1)*math.Sqrt(second)/first, 0, 0)
	return append(row, float32(o.Rate(step)*scale), 0, row[3])
}

// Record implements Optimizer. Both steps go over all parameters; the factors of the one are 0 where the other is at work.
func (o Muon) Record(u Update) ([]backend.Op, error) {
	if err := found(o.Except, u.Names); err != nil {
		return nil, fmt.Errorf("optim: Muon: except: %w", err)
	}
	matrices := slices.DeleteFunc(slices.Clone(u.Variables), func(v Variable) bool { return len(v.Shape) != 2 || matches(o.Except, v.Name) })
	factors, moment := o.split(u, matrices), u.Slots[2]
	u.Factors = factors[0]
	list := []backend.Op{o.options().op(ops.Adam, u)}
	if len(matrices) == 0 {
		return list, nil
	}
	n, momentum := u.Params.Len, or(o.Momentum, 0.95)
	list = append(list,
		ops.Blend{X: u.Grads, Y: moment, N: n, Alpha: 1, Beta: momentum},
		ops.Blend{X: moment, Y: u.Grads, N: n, Alpha: momentum, Beta: 1},
		u.rescale(u.Grads, u.Params, wholes(matrices), ops.Rescale{Kind: ops.Normalise, Epsilon: o.options().epsilon}))
	list = append(list, o.orthogonalise(u, matrices)...)
	return append(list, ops.SGD{Params: u.Params, Grads: u.Grads, Factors: u.Memory.Of(factors[1]...), Rates: u.from(ops.AdaptiveColumns), N: n}), nil
}

// split returns the factors for Adam and those for the matrices.
func (o Muon) split(u Update, matrices []Variable) (factors [2][]float32) {
	all := u.BlockFactors()
	factors[0], factors[1] = slices.Clone(all), make([]float32, len(all))
	for _, v := range matrices {
		size := or(o.RMSRate, 0.2) * math.Sqrt(float64(max(v.Shape[0], v.Shape[1])))
		for i := v.Offset / ops.Block * 2; i < ops.Factors(v.Offset+v.Size()); i += 2 {
			factors[0][i], factors[0][i+1] = 0, 0
			factors[1][i], factors[1][i+1] = float32(size*float64(all[i])), all[i+1]
		}
	}
	return factors
}

// orthogonalise brings the singular values of the matrices near to 1, in the place of their gradients.
func (o Muon) orthogonalise(u Update, matrices []Variable) (list []backend.Op) {
	square, product := 0, 0
	for _, v := range matrices {
		square = max(square, min(v.Shape[0], v.Shape[1])*min(v.Shape[0], v.Shape[1]))
		product = max(product, v.Size())
	}
	w := work{u.Memory.Of(make([]float32, square)...), u.Memory.Of(make([]float32, square)...), u.Memory.Of(make([]float32, product)...)}
	for _, v := range matrices {
		for range or(o.Iterations, 5) {
			list = append(list, w.iterate(v.of(u.Grads), v.Shape[0], v.Shape[1])...)
		}
	}
	return list
}

// work is memory for what lies between two iterations: A, A² and the last product.
type work struct{ a, squared, product backend.Region }

// iterate is an iteration of Newton and Schulz. A is that of the shorter side: X·Xᵀ, or Xᵀ·X with (b·A + c·A²) on the right of X.
func (w work) iterate(x backend.Region, rows, cols int) []backend.Op {
	side, wide := min(rows, cols), rows <= cols
	w.a.Len, w.squared.Len, w.product.Len = side*side, side*side, x.Len
	last := ops.MatMul{A: w.squared, B: x, C: w.product, M: rows, N: cols, K: side}
	if !wide {
		last.A, last.B = x, w.squared
	}
	return []backend.Op{
		ops.MatMul{A: x, B: x, C: w.a, M: side, N: side, K: max(rows, cols), TransposeA: !wide, TransposeB: wide},
		ops.MatMul{A: w.a, B: w.a, C: w.squared, M: side, N: side, K: side},
		ops.Blend{X: w.a, Y: w.squared, N: side * side, Alpha: -4.775, Beta: 2.0315},
		last,
		ops.Blend{X: w.product, Y: x, N: x.Len, Alpha: 1, Beta: 3.4445},
	}
}
