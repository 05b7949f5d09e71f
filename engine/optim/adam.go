package optim

import (
	"math"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

// Adam adapts each parameter's step to the first and second moment of its gradient (Kingma and Ba, 2014; Keras's Adam, with
// epsilon outside the bias correction):
//
//	m ← m + (1−β₁)(g−m), v ← v + (1−β₂)(g²−v), w ← w − rate·√(1−β₂ᵗ)/(1−β₁ᵗ)·m/(√v + ε)
//
// With AMSGrad the largest v so far takes the place of v in the last (Reddi et al., 2018). With WeightDecay, w ← w − rate·decay·w
// besides: AdamW (Loshchilov and Hutter, 2017), whose default in Keras is 0.004.
type Adam struct {
	LearningRate  float32  // zero means 0.001
	Schedule      Schedule // of the learning rate, in place of LearningRate
	Beta1, Beta2  float64  // 0 to 1 exclusive; zeros mean 0.9 and 0.999
	Beta1Schedule Schedule // in place of Beta1; the bias correction takes the step's β₁
	Epsilon       float32  // zero means 1e-7
	AMSGrad       bool
	WeightDecay   float32 // 0 to 1
}

func (o Adam) options() options {
	return options{name: o.Name(), rate: o.LearningRate, schedule: o.Schedule, beta1: or(o.Beta1, 0.9), beta2: or(o.Beta2, 0.999),
		beta1Schedule: o.Beta1Schedule, epsilon: or(o.Epsilon, 1e-7), decay: o.WeightDecay, slots: make([]float32, o.kind().Slots())}
}

func (o Adam) kind() ops.AdaptiveKind {
	if o.AMSGrad {
		return ops.AMSGrad
	}
	return ops.Adam
}

// Name returns "Adam", or "AdamW" with a weight decay.
func (o Adam) Name() string {
	if o.WeightDecay != 0 {
		return "AdamW"
	}
	return "Adam"
}

// Check implements Optimizer.
func (o Adam) Check() error { return o.options().check() }

// Slots implements Optimizer.
func (o Adam) Slots() []float32 { return o.options().slots }

// Rate implements Optimizer.
func (o Adam) Rate(step int) float64 { return o.options().at(step) }

// Rates implements Optimizer.
func (o Adam) Rates(step int, scale float64) []float32 {
	first, second := o.options().corrections(step)
	return o.options().row(step, scale, math.Sqrt(second)/first, 0, 0)
}

// Record implements Optimizer.
func (o Adam) Record(u Update) ([]backend.Op, error) { return o.options().record(o.kind(), u) }

// Adamax is Adam with the largest gradient, decaying, in place of the second moment (Kingma and Ba, 2014; Keras's Adamax):
// v ← max(β₂·v, |g|), w ← w − rate/(1−β₁ᵗ)·m/(v + ε).
type Adamax struct {
	LearningRate  float32  // zero means 0.001
	Schedule      Schedule // of the learning rate, in place of LearningRate
	Beta1, Beta2  float64  // 0 to 1 exclusive; zeros mean 0.9 and 0.999
	Beta1Schedule Schedule // in place of Beta1; the bias correction takes the step's β₁
	Epsilon       float32  // zero means 1e-7
	WeightDecay   float32  // 0 to 1
}

func (o Adamax) options() options {
	return options{name: "Adamax", rate: o.LearningRate, schedule: o.Schedule, beta1: or(o.Beta1, 0.9), beta2: or(o.Beta2, 0.999),
		beta1Schedule: o.Beta1Schedule, epsilon: or(o.Epsilon, 1e-7), decay: o.WeightDecay, slots: []float32{0, 0}}
}

// Name returns "Adamax".
func (Adamax) Name() string { return "Adamax" }

// Check implements Optimizer.
func (o Adamax) Check() error { return o.options().check() }

// Slots implements Optimizer.
func (o Adamax) Slots() []float32 { return o.options().slots }

// Rate implements Optimizer.
func (o Adamax) Rate(step int) float64 { return o.options().at(step) }

// Rates implements Optimizer.
func (o Adamax) Rates(step int, scale float64) []float32 {
	first, _ := o.options().corrections(step)
	return o.options().row(step, scale, 1/first, 0, 0)
}

// Record implements Optimizer.
func (o Adamax) Record(u Update) ([]backend.Op, error) { return o.options().record(ops.Adamax, u) }

// Nadam is Adam with Nesterov's momentum (Dozat, 2016; Keras's Nadam). With uₜ = β₁·(1 − ½·0.96ᵗ) and Uₜ = u₁·…·uₜ:
//
//	w ← w − rate·(uₜ₊₁·m/(1 − Uₜ₊₁) + (1 − uₜ)·g/(1 − Uₜ))/(√(v/(1 − β₂ᵗ)) + ε)
//
// The uₜ are a schedule of the momentum already, so there is no other.
type Nadam struct {
	LearningRate float32  // zero means 0.001
	Schedule     Schedule // of the learning rate, in place of LearningRate
	Beta1, Beta2 float64  // 0 to 1 exclusive; zeros mean 0.9 and 0.999
	Epsilon      float32  // zero means 1e-7
	WeightDecay  float32  // 0 to 1
}

func (o Nadam) options() options {
	return options{name: "Nadam", rate: o.LearningRate, schedule: o.Schedule, beta1: or(o.Beta1, 0.9), beta2: or(o.Beta2, 0.999),
		epsilon: or(o.Epsilon, 1e-7), decay: o.WeightDecay, slots: []float32{0, 0}}
}

// Name returns "Nadam".
func (Nadam) Name() string { return "Nadam" }

// Check implements Optimizer.
func (o Nadam) Check() error { return o.options().check() }

// Slots implements Optimizer.
func (o Nadam) Slots() []float32 { return o.options().slots }

// Rate implements Optimizer.
func (o Nadam) Rate(step int) float64 { return o.options().at(step) }

// Rates implements Optimizer. The product of all uₜ is computed anew; after a few hundred factors it is 0.
func (o Nadam) Rates(step int, scale float64) []float32 {
	u := func(t int) float64 { return o.options().beta1 * (1 - 0.5*math.Pow(0.96, float64(t))) }
	product := 1.0
	for t := 1; t <= step+1 && product > 1e-300; t++ {
		product *= u(t)
	}
	_, second := o.options().corrections(step)
	now, next := u(step+1), u(step+2)
	return o.options().row(step, scale, (1-now)/(1-product), next/(1-product*next), 1/second)
}

// Record implements Optimizer.
func (o Nadam) Record(u Update) ([]backend.Op, error) { return o.options().record(ops.Nadam, u) }
