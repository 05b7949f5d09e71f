package optim

import (
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

// Lamb is Adam with a step in proportion to the norm of each variable, for large batches (You et al., 2019; Keras's Lamb):
//
//	m ← m + (1−β₁)(g−m), v ← v + (1−β₂)(g²−v), u = m/(1−β₁ᵗ)/(√(v/(1−β₂ᵗ)) + ε), w ← w − rate·‖w‖/‖u‖·u
//
// where the quotient of the norms, of a variable each, is 1 if one of them is 0. With WeightDecay, w ← w − rate·decay·w before.
type Lamb struct {
	LearningRate  float32  // zero means 0.001
	Schedule      Schedule // of the learning rate, in place of LearningRate
	Beta1, Beta2  float64  // 0 to 1 exclusive; zeros mean 0.9 and 0.999
	Beta1Schedule Schedule // in place of Beta1; the bias correction takes the step's β₁
	Epsilon       float32  // zero means 1e-7
	WeightDecay   float32  // 0 to 1
}

func (o Lamb) options() options {
	return options{name: "Lamb", rate: o.LearningRate, schedule: o.Schedule, beta1: or(o.Beta1, 0.9), beta2: or(o.Beta2, 0.999),
		beta1Schedule: o.Beta1Schedule, epsilon: or(o.Epsilon, 1e-7), decay: o.WeightDecay, slots: []float32{0, 0, 0}}
}

// Name returns "Lamb".
func (Lamb) Name() string { return "Lamb" }

// Check implements Optimizer.
func (o Lamb) Check() error { return o.options().check() }

// Slots implements Optimizer: m, v and u.
func (o Lamb) Slots() []float32 { return o.options().slots }

// Rate implements Optimizer.
func (o Lamb) Rate(step int) float64 { return o.options().at(step) }

// Rates returns the coefficients of ops.Lamb, then those of ops.SGD, which takes the step.
func (o Lamb) Rates(step int, scale float64) []float32 {
	first, second := o.options().corrections(step)
	row := o.options().row(step, scale, 0, 0, 1/second)
	row[1] = float32(1 / first)
	return append(row, float32(o.Rate(step)*scale), 0, 0)
}

// Record implements Optimizer: the direction of all parameters, its length for each variable, the step.
func (o Lamb) Record(u Update) ([]backend.Op, error) {
	direction := o.options().op(ops.Lamb, u)
	return []backend.Op{direction,
		u.rescale(direction.U, u.Params, wholes(u.Variables), ops.Rescale{Kind: ops.MatchNorms}),
		ops.SGD{Params: u.Params, Grads: direction.U, Factors: direction.Factors, Rates: u.from(ops.AdaptiveColumns), N: u.Params.Len},
	}, nil
}
