package backendtest

import (
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

// leastProbability is how near to 0, and to 1, what a logarithm is taken of may come.
const leastProbability = 1e-7

// clipped returns p within [least, most], and 1 if it was there, else 0: the slope.
func clipped(p, most float64) (q, slope float64) {
	q = math.Min(math.Max(p, leastProbability), most)
	return q, choose(q == p, 1, 0)
}

// pairOf returns the value and the slope in p of a function of prediction and target.
func pairOf(f ops.PairFunction, p, t, alpha, gamma float64) (value, slope float64) {
	d := p - t
	sign := choose(d > 0, 1, 0) - choose(d < 0, 1, 0)
	q, inside := clipped(p, 1-leastProbability)
	binary, binarySlope := -t*math.Log(q)-(1-t)*math.Log(1-q), inside*(q-t)/(q*(1-q))
	margin := math.Max(1-t*p, 0)
	switch f {
	case ops.SquaredError:
		return d * d, 2 * d
	case ops.AbsoluteError:
		return math.Abs(d), sign
	case ops.AbsolutePercentageError:
		size := math.Max(math.Abs(t), leastProbability)
		return 100 * math.Abs(d) / size, 100 * sign / size
	case ops.SquaredLogarithmicError:
		e := math.Log1p(math.Max(p, leastProbability)) - math.Log1p(math.Max(t, leastProbability))
		return e * e, choose(p > leastProbability, 2*e/(1+p), 0)
	case ops.Huber:
		if math.Abs(d) <= alpha {
			return d * d / 2, d
		}
		return alpha * (math.Abs(d) - alpha/2), alpha * sign
	case ops.LogCosh:
		return math.Abs(d) + math.Log1p(math.Exp(-2*math.Abs(d))) - math.Ln2, math.Tanh(d)
	case ops.Poisson:
		return p - t*math.Log(p+leastProbability), 1 - t/(p+leastProbability)
	case ops.BinaryCrossentropy:
		return binary, binarySlope
	case ops.BinaryCrossentropyOfLogits:
		return math.Max(p, 0) - p*t + math.Log1p(math.Exp(-math.Abs(p))), 1/(1+math.Exp(-p)) - t
	case ops.BinaryFocal:
		missed := math.Max(1-t*p-(1-t)*(1-p), 0)
		weight := choose(alpha > 0, alpha*t+(1-alpha)*(1-t), 1)
		factor, factorSlope := power(missed, gamma)
		return weight * factor * binary, weight * (factorSlope*(1-2*t)*binary + factor*binarySlope)
	case ops.Crossentropy:
		return -t * math.Log(q), -inside * t / q
	case ops.CategoricalFocal:
		factor, factorSlope := power(1-q, gamma)
		return -alpha * factor * t * math.Log(q), -inside * alpha * t * (factor/q - factorSlope*math.Log(q))
	case ops.KLDivergence:
		q, inside = clipped(p, 1)
		u, _ := clipped(t, 1)
		return u * math.Log(u/q), -inside * u / q
	case ops.NegativeProduct:
		return -t * p, -t
	case ops.Hinge:
		return margin, choose(margin > 0, -t, 0)
	case ops.SquaredHinge:
		return margin * margin, -2 * t * margin
	}
	return choose(choose(p > alpha, 1, 0) == t && !math.IsNaN(p), 1, 0), 0
}

// power returns x^gamma and its slope, 0 at 0.
func power(x, gamma float64) (value, slope float64) {
	if x == 0 {
		return choose(gamma == 0, 1, 0), 0
	}
	return math.Pow(x, gamma), gamma * math.Pow(x, gamma-1)
}

func pairLoss(o ops.PairLoss) {
	for r := range o.Rows {
		sum := 0.0
		for i := r * o.Cols; i < (r+1)*o.Cols; i++ {
			value, _ := pairOf(o.Function, f64(o.P)[i], f64(o.T)[i], decimal(o.Alpha), decimal(o.Gamma))
			sum += value
		}
		f64(o.Losses)[r] = sum * o.Function.Share(o.Cols)
	}
}

func pairLossGrad(o ops.PairLossGrad) {
	for i := range f64(o.DP) {
		_, slope := pairOf(o.Function, f64(o.P)[i], f64(o.T)[i], decimal(o.Alpha), decimal(o.Gamma))
		f64(o.DP)[i] = f64(o.DLosses)[i/o.Cols] * slope * o.Function.Share(o.Cols)
	}
}

// pairInputs are predictions and targets as the function expects them: probabilities, or classes −1 and 1, or any numbers.
func pairInputs(in *Inputs, f ops.PairFunction, n int) (p, t backend.Region) {
	half := func(int) float64 { return float64(in.stream.IntN(3)) / 2 } // 0, ½ and 1
	switch f {
	case ops.BinaryCrossentropy, ops.BinaryFocal, ops.Crossentropy, ops.CategoricalFocal, ops.KLDivergence:
		return in.Fill(n, func(int) float64 { return 0.02 + 0.96*float64(in.stream.Float32()) }), in.Fill(n, half)
	case ops.BinaryCrossentropyOfLogits:
		return in.Normal(n, 0, 4), in.Fill(n, half)
	case ops.Poisson:
		return in.Positive(n), in.Positive(n)
	case ops.AbsolutePercentageError:
		return in.Normal(n, 0, 0.02), in.Positive(n)
	case ops.Hinge, ops.SquaredHinge:
		return in.Normal(n, 0, 2), in.Fill(n, func(i int) float64 { return float64(2*(i%2) - 1) })
	case ops.BinaryAccuracy:
		return in.Normal(n, 0.5, 1), in.Fill(n, func(int) float64 { return float64(in.stream.IntN(2)) })
	}
	return in.Normal(n, 0.3, 2), in.Normal(n, 0.5, 2)
}

func pairLossCases() []Case {
	var cases []Case
	for _, f := range ops.PairFunctions() {
		for _, s := range [][2]int{{1, 1}, {3, 1}, {1, 3}, {33, 1}, {32, 10}, {7, 65}, {257, 3}, {2, 5003}, {70_001, 1}} {
			rows, cols := s[0], s[1]
			cases = append(cases, pairCases(f, fmt.Sprintf("%dx%d", rows, cols), rows, cols, func(in *Inputs) (p, t backend.Region) {
				return pairInputs(in, f, rows*cols)
			})...)
		}
	}
	extreme := []float32{1e4, -1e4, 100, -100, 0, 1, 0.5, 0}
	for _, f := range []ops.PairFunction{ops.LogCosh, ops.BinaryCrossentropyOfLogits, ops.BinaryCrossentropy, ops.Huber, ops.BinaryFocal,
		ops.Crossentropy, ops.CategoricalFocal, ops.KLDivergence, ops.Hinge, ops.SquaredHinge, ops.SquaredLogarithmicError,
		ops.SquaredError, ops.AbsoluteError, ops.NegativeProduct} { // none may overflow
		cases = append(cases, pairCases(f, "extremes", len(extreme), 1, func(in *Inputs) (p, t backend.Region) {
			return in.Of(extreme...), in.Of(0, 1, 1, 0, 0, 1, 1, 1)
		})...)
	}
	nan := float32(math.NaN())
	return append(cases, pairCases(ops.BinaryAccuracy, "NaN", 2, 1, func(in *Inputs) (p, t backend.Region) { return in.Of(nan, nan), in.Of(0, 1) })...)
}

func pairCases(f ops.PairFunction, name string, rows, cols int, inputs func(in *Inputs) (p, t backend.Region)) []Case {
	terms := 4
	if f == ops.BinaryFocal || f == ops.CategoricalFocal {
		terms = 16 // WGSL's pow is exp2 of a logarithm, whose error grows with it
	}
	return []Case{
		{Name: fmt.Sprintf("pair_loss %v %s", f, name), Terms: max(cols, terms), Scale: 8, Build: one(func(in *Inputs) ops.PairLoss {
			p, t := inputs(in)
			return ops.PairLoss{P: p, T: t, Losses: in.Result(rows), Rows: rows, Cols: cols, Function: f, Alpha: 0.25, Gamma: 2}
		})},
		{Name: fmt.Sprintf("pair_loss_grad %v %s", f, name), Terms: terms, Scale: 8, Build: one(func(in *Inputs) ops.PairLossGrad {
			p, t := inputs(in)
			return ops.PairLossGrad{P: p, T: t, DLosses: in.Positive(rows), DP: in.Result(rows * cols), Rows: rows, Cols: cols, Function: f, Alpha: 0.25, Gamma: 2}
		})},
	}
}
