package ops

import (
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/engine/backend"
)

// PairFunction compares one prediction p with one target t.
type PairFunction uint8

// The functions, with d = p − t. Alpha and Gamma are options of the operation; log p is of p clipped to 1e-7 from 0 and 1, which stops
// the gradient there. Those marked Σ are added up over an example's outputs, of the others the mean is taken.
const (
	SquaredError               PairFunction = iota // d²
	AbsoluteError                                  // |d|
	AbsolutePercentageError                        // 100·|d|/max(|t|, 1e-7)
	SquaredLogarithmicError                        // (log(1 + max(p, 1e-7)) − log(1 + max(t, 1e-7)))²
	Huber                                          // ½d² for |d| ≤ Alpha, else Alpha·(|d| − ½Alpha)
	LogCosh                                        // log cosh d
	Poisson                                        // p − t·log(p + 1e-7)
	BinaryCrossentropy                             // b = −t·log p − (1 − t)·log(1 − p)
	BinaryCrossentropyOfLogits                     // the same of p = 1/(1 + e⁻ᶻ), z the prediction: max(z, 0) − z·t + log(1 + e^−|z|)
	BinaryFocal                                    // b·(1 − t·p − (1 − t)·(1 − p))^Gamma; where Alpha > 0, times Alpha·t + (1 − Alpha)·(1 − t)
	Crossentropy                                   // Σ −t·log p
	CategoricalFocal                               // Σ −Alpha·(1 − p)^Gamma·t·log p
	KLDivergence                                   // Σ t·log(t/p), both clipped to 1e-7 to 1
	NegativeProduct                                // Σ −t·p
	Hinge                                          // max(1 − t·p, 0), t being −1 or 1
	SquaredHinge                                   // max(1 − t·p, 0)²
	BinaryAccuracy                                 // 1 where p > Alpha is what t says, 1 for yes and 0 for no; else 0
)

// pairNames follow Keras; their order is that of the constants.
var pairNames = []string{"squared_error", "absolute_error", "absolute_percentage_error", "squared_logarithmic_error", "huber", "log_cosh", "poisson",
	"binary_crossentropy", "binary_crossentropy_of_logits", "binary_focal_crossentropy", "crossentropy", "categorical_focal_crossentropy",
	"kl_divergence", "negative_product", "hinge", "squared_hinge", "binary_accuracy"}

// Sums reports whether the function is added up over an example's outputs.
func (f PairFunction) Sums() bool { return f >= Crossentropy && f <= NegativeProduct }

// Share is what a sum over so many outputs is multiplied by.
func (f PairFunction) Share(cols int) float64 {
	if f.Sums() {
		return 1
	}
	return 1 / float64(cols)
}

// PairFunctions lists every function.
func PairFunctions() []PairFunction {
	list := make([]PairFunction, len(pairNames))
	for i := range list {
		list[i] = PairFunction(i)
	}
	return list
}

// String returns Keras's name of the function, without the word mean.
func (f PairFunction) String() string {
	if int(f) < len(pairNames) {
		return pairNames[f]
	}
	return fmt.Sprintf("PairFunction(%d)", uint8(f))
}

// PairLoss adds up a function of prediction and target over an example's outputs: losses[r] = Σ_c f(p[r,c], t[r,c])·share, where the share is
// 1/Cols, or 1 for the functions that are sums. P and T are [Rows×Cols], Losses [Rows].
type PairLoss struct {
	P, T, Losses backend.Region
	Rows, Cols   int
	Function     PairFunction
	Alpha, Gamma float32
}

// Name returns "pair_loss".
func (PairLoss) Name() string { return "pair_loss" }

// Check implements backend.Op.
func (o PairLoss) Check() error {
	c := checker{name: o.Name()}
	c.matrix(o.Rows, o.Cols)
	c.pair(o.Function, o.Alpha, o.Gamma)
	c.f32(o.Rows*o.Cols, named{"p", o.P}, named{"t", o.T})
	c.f32(o.Rows, named{"losses", o.Losses})
	return c.err
}

// Operands implements backend.Op.
func (o PairLoss) Operands() []backend.Operand {
	return []backend.Operand{reads("p", o.P), reads("t", o.T), writes("losses", o.Losses)}
}

// Cost implements backend.Op.
func (o PairLoss) Cost() backend.Cost { return cost(o, 5*o.Rows*o.Cols) }

// PairLossGrad is the gradient of PairLoss with respect to the predictions: dp[r,c] = dlosses[r]·∂f/∂p·share, 0 where the function
// clips. P, T and DP are [Rows×Cols], DLosses [Rows].
type PairLossGrad struct {
	P, T, DLosses, DP backend.Region
	Rows, Cols        int
	Function          PairFunction
	Alpha, Gamma      float32
}

// Name returns "pair_loss_grad".
func (PairLossGrad) Name() string { return "pair_loss_grad" }

// Check implements backend.Op.
func (o PairLossGrad) Check() error {
	c := checker{name: o.Name()}
	c.matrix(o.Rows, o.Cols)
	c.pair(o.Function, o.Alpha, o.Gamma)
	c.f32(o.Rows*o.Cols, named{"p", o.P}, named{"t", o.T}, named{"dp", o.DP})
	c.f32(o.Rows, named{"dlosses", o.DLosses})
	return c.err
}

// Operands implements backend.Op.
func (o PairLossGrad) Operands() []backend.Operand {
	return []backend.Operand{reads("p", o.P), reads("t", o.T), reads("dlosses", o.DLosses), writes("dp", o.DP)}
}

// Cost implements backend.Op.
func (o PairLossGrad) Cost() backend.Cost { return cost(o, 5*o.Rows*o.Cols) }

func (c *checker) pair(f PairFunction, alpha, gamma float32) {
	if int(f) >= len(pairNames) {
		c.fail("unknown function %v", f)
	}
	c.finite("alpha", alpha)
	c.within("gamma", gamma, 0, math.MaxFloat32)
	if f == Huber && !(alpha > 0) {
		c.fail("alpha is %v, want a positive number", alpha)
	}
}
