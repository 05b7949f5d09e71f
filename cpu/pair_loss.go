package cpu

import (
	"math"

	"github.com/gradus-ml/gradus/engine/ops"
)

// least is how near to 0, and to 1, what a logarithm is taken of may come.
const least = 1e-7

// pair is the value and the slope of a function of prediction and target, in float64.
type pair func(p, t, alpha, gamma float64) (value, slope float64)

// pairs has a row for each function of package ops, in its order.
var pairs = [...]pair{
	ops.SquaredError:               func(p, t, _, _ float64) (float64, float64) { return (p - t) * (p - t), 2 * (p - t) },
	ops.AbsoluteError:              func(p, t, _, _ float64) (float64, float64) { return math.Abs(p - t), sign64(p - t) },
	ops.AbsolutePercentageError:    percentage,
	ops.SquaredLogarithmicError:    squaredLog,
	ops.Huber:                      huber,
	ops.LogCosh:                    logCosh,
	ops.Poisson:                    func(p, t, _, _ float64) (float64, float64) { return p - t*math.Log(p+least), 1 - t/(p+least) },
	ops.BinaryCrossentropy:         binary,
	ops.BinaryCrossentropyOfLogits: binaryLogits,
	ops.BinaryFocal:                binaryFocal,
	ops.Crossentropy:               func(p, t, _, _ float64) (float64, float64) { return focal(p, t, 1, 0) },
	ops.CategoricalFocal:           focal,
	ops.KLDivergence:               divergence,
	ops.NegativeProduct:            func(p, t, _, _ float64) (float64, float64) { return -t * p, -t },
	ops.Hinge:                      hinge,
	ops.SquaredHinge:               func(p, t, _, _ float64) (float64, float64) { m := max(1-t*p, 0); return m * m, -2 * t * m },
	ops.BinaryAccuracy:             agreement,
}

func sign64(v float64) float64 { return float64(sign(float32(v))) }

func percentage(p, t, _, _ float64) (value, slope float64) {
	size := max(math.Abs(t), least)
	return 100 * math.Abs(p-t) / size, 100 * sign64(p-t) / size
}

func squaredLog(p, t, _, _ float64) (value, slope float64) {
	e := math.Log1p(max(p, least)) - math.Log1p(max(t, least))
	if p > least {
		slope = 2 * e / (1 + p)
	}
	return e * e, slope
}

func huber(p, t, delta, _ float64) (value, slope float64) {
	d := p - t
	if a := math.Abs(d); a > delta {
		return delta * (a - delta/2), delta * sign64(d)
	}
	return d * d / 2, d
}

func logCosh(p, t, _, _ float64) (value, slope float64) {
	a := math.Abs(p - t)
	return a + math.Log1p(math.Exp(-2*a)) - math.Ln2, math.Tanh(p - t)
}

func binary(p, t, _, _ float64) (value, slope float64) {
	q := min(max(p, least), 1-least)
	if q == p {
		slope = (q - t) / (q * (1 - q))
	}
	return -t*math.Log(q) - (1-t)*math.Log1p(-q), slope
}

func binaryLogits(z, t, _, _ float64) (value, slope float64) {
	return max(z, 0) - z*t + math.Log1p(math.Exp(-math.Abs(z))), sigmoid(z) - t
}

func binaryFocal(p, t, alpha, gamma float64) (value, slope float64) {
	b, db := binary(p, t, 0, 0)
	f, df := power(max(1-t*p-(1-t)*(1-p), 0), gamma)
	value, slope = f*b, df*(1-2*t)*b+f*db
	if alpha > 0 {
		weight := alpha*t + (1-alpha)*(1-t)
		return weight * value, weight * slope
	}
	return value, slope
}

// focal is −alpha·(1 − p)^gamma·t·log p.
func focal(p, t, alpha, gamma float64) (value, slope float64) {
	q := min(max(p, least), 1-least)
	f, df := power(1-q, gamma)
	if q == p {
		slope = -alpha * t * (f/q - df*math.Log(q))
	}
	return -alpha * f * t * math.Log(q), slope
}

// power returns x^gamma and its slope, 0 at 0, for x of at least 0.
func power(x, gamma float64) (value, slope float64) {
	switch {
	case gamma == 0:
		return 1, 0
	case x == 0:
		return 0, 0
	}
	return math.Pow(x, gamma), gamma * math.Pow(x, gamma-1)
}

func divergence(p, t, _, _ float64) (value, slope float64) {
	q, u := min(max(p, least), 1), min(max(t, least), 1)
	if q == p {
		slope = -u / q
	}
	return u * math.Log(u/q), slope
}

func hinge(p, t, _, _ float64) (value, slope float64) {
	if t*p < 1 {
		return 1 - t*p, -t
	}
	return max(1-t*p, 0), 0
}

// agreement is 1 where p > threshold is what t says.
func agreement(p, t, threshold, _ float64) (value, slope float64) {
	if p > threshold && t == 1 || p <= threshold && t == 0 {
		return 1, 0
	}
	return 0, 0
}

func pairLoss(o ops.PairLoss) *job {
	p, t, losses, f := f32(o.P), f32(o.T), f32(o.Losses), pairs[o.Function]
	alpha, gamma, share := float64(o.Alpha), float64(o.Gamma), o.Function.Share(o.Cols)
	return ranges(o.Rows, curveCost*o.Cols, func(from, to int) {
		for r := from; r < to; r++ {
			sum := 0.0
			for i := r * o.Cols; i < (r+1)*o.Cols; i++ {
				value, _ := f(float64(p[i]), float64(t[i]), alpha, gamma)
				sum += value
			}
			losses[r] = float32(sum * share)
		}
	})
}

func pairLossGrad(o ops.PairLossGrad) *job {
	p, t, dlosses, dp, f := f32(o.P), f32(o.T), f32(o.DLosses), f32(o.DP), pairs[o.Function]
	alpha, gamma, share := float64(o.Alpha), float64(o.Gamma), o.Function.Share(o.Cols)
	return ranges(o.Rows, curveCost*o.Cols, func(from, to int) {
		for r := from; r < to; r++ {
			weight := float64(dlosses[r]) * share
			for i := r * o.Cols; i < (r+1)*o.Cols; i++ {
				_, slope := f(float64(p[i]), float64(t[i]), alpha, gamma)
				dp[i] = float32(weight * slope)
			}
		}
	})
}
