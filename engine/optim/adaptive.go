package optim

import (
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

// options are what the adaptive optimizers have in common. A zero stands for Keras's default.
type options struct {
	rate                  float32
	schedule              Schedule
	beta1, beta2, epsilon float32
	slots                 []float32
}

func or(v, otherwise float32) float32 {
	if v == 0 {
		return otherwise
	}
	return v
}

func (o options) check(name string) error {
	for what, v := range map[string]float32{"first decay": o.beta1, "second decay": o.beta2} {
		if !(v >= 0 && v < 1) {
			return fmt.Errorf("optim: %s: %s is %v, want 0 to 1 exclusive", name, what, v)
		}
	}
	if !(o.epsilon >= 0 && o.epsilon <= 1) {
		return fmt.Errorf("optim: %s: epsilon is %v, want more than 0, at most 1", name, o.epsilon)
	}
	return checkRate(name, o.rate, o.schedule)
}

func (o options) at(step int) float64 { return learningRate(o.rate, 0.001, o.schedule, step) }

// corrections are 1 − β₁ᵗ and 1 − β₂ᵗ for the step, t counting from 1.
func (o options) corrections(step int) (first, second float64) {
	t := float64(step + 1)
	return 1 - math.Pow(float64(o.beta1), t), 1 - math.Pow(float64(o.beta2), t)
}

func (o options) record(kind ops.AdaptiveKind, u Update) []backend.Op {
	op := ops.Adaptive{Params: u.Params, Grads: u.Grads, Rates: u.Rates, Clock: u.Clock, M: u.Slots[0], V: u.Slots[1],
		N: u.Params.Len, Steps: u.Rates.Len / ops.AdaptiveColumns, Kind: kind, Beta1: o.beta1, Beta2: o.beta2, Epsilon: o.epsilon}
	if kind.Slots() == 3 {
		op.U = u.Slots[2]
	}
	return []backend.Op{op}
}

func row(a, b, c float64) []float32 { return []float32{float32(a), float32(b), float32(c)} }

// Adam adapts each parameter's step to the first and second moment of its gradient (Kingma and Ba, 2014; Keras's Adam, with
// epsilon outside the bias correction):
//
//	m ← m + (1−β₁)(g−m), v ← v + (1−β₂)(g²−v), w ← w − rate·√(1−β₂ᵗ)/(1−β₁ᵗ)·m/(√v + ε)
//
// With AMSGrad the largest v so far takes the place of v in the last (Reddi et al., 2018). With WeightDecay, w ← w − rate·decay·w
// besides: AdamW (Loshchilov and Hutter, 2017), whose default in Keras is 0.004.
type Adam struct {
	LearningRate float32  // zero means 0.001
	Schedule     Schedule // of the learning rate, in place of LearningRate
	Beta1, Beta2 float32  // 0 to 1 exclusive; zeros mean 0.9 and 0.999
	Epsilon      float32  // zero means 1e-7
	AMSGrad      bool
	WeightDecay  float32 // at least 0
}

func (o Adam) options() options {
	return options{o.LearningRate, o.Schedule, or(o.Beta1, 0.9), or(o.Beta2, 0.999), or(o.Epsilon, 1e-7), make([]float32, o.kind().Slots())}
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
func (o Adam) Check() error {
	if !(o.WeightDecay >= 0 && o.WeightDecay <= 1) {
		return fmt.Errorf("optim: %s: weight decay is %v, want 0 to 1", o.Name(), o.WeightDecay)
	}
	return o.options().check(o.Name())
}

// Slots implements Optimizer.
func (o Adam) Slots() []float32 { return o.options().slots }

// Rates implements Optimizer.
func (o Adam) Rates(step int) []float32 {
	first, second := o.options().corrections(step)
	rate := o.options().at(step)
	return row(rate*math.Sqrt(second)/first, rate*float64(o.WeightDecay), 0)
}

// Record implements Optimizer.
func (o Adam) Record(u Update) []backend.Op { return o.options().record(o.kind(), u) }

// Adamax is Adam with the largest gradient, decaying, in place of the second moment (Kingma and Ba, 2014; Keras's Adamax):
// v ← max(β₂·v, |g|), w ← w − rate/(1−β₁ᵗ)·m/(v + ε).
type Adamax struct {
	LearningRate float32  // zero means 0.001
	Schedule     Schedule // of the learning rate, in place of LearningRate
	Beta1, Beta2 float32  // 0 to 1 exclusive; zeros mean 0.9 and 0.999
	Epsilon      float32  // zero means 1e-7
}

func (o Adamax) options() options {
	return options{o.LearningRate, o.Schedule, or(o.Beta1, 0.9), or(o.Beta2, 0.999), or(o.Epsilon, 1e-7), []float32{0, 0}}
}

// Name returns "Adamax".
func (Adamax) Name() string { return "Adamax" }

// Check implements Optimizer.
func (o Adamax) Check() error { return o.options().check(o.Name()) }

// Slots implements Optimizer.
func (o Adamax) Slots() []float32 { return o.options().slots }

// Rates implements Optimizer.
func (o Adamax) Rates(step int) []float32 {
	first, _ := o.options().corrections(step)
	return row(o.options().at(step)/first, 0, 0)
}

// Record implements Optimizer.
func (o Adamax) Record(u Update) []backend.Op { return o.options().record(ops.Adamax, u) }

// Nadam is Adam with Nesterov's momentum (Dozat, 2016; Keras's Nadam). With uₜ = β₁·(1 − ½·0.96ᵗ) and Uₜ = u₁·…·uₜ:
//
//	w ← w − rate·(uₜ₊₁·m/(1 − Uₜ₊₁) + (1 − uₜ)·g/(1 − Uₜ))/(√(v/(1 − β₂ᵗ)) + ε)
type Nadam struct {
	LearningRate float32  // zero means 0.001
	Schedule     Schedule // of the learning rate, in place of LearningRate
	Beta1, Beta2 float32  // 0 to 1 exclusive; zeros mean 0.9 and 0.999
	Epsilon      float32  // zero means 1e-7
}

func (o Nadam) options() options {
	return options{o.LearningRate, o.Schedule, or(o.Beta1, 0.9), or(o.Beta2, 0.999), or(o.Epsilon, 1e-7), []float32{0, 0}}
}

// Name returns "Nadam".
func (Nadam) Name() string { return "Nadam" }

// Check implements Optimizer.
func (o Nadam) Check() error { return o.options().check(o.Name()) }

// Slots implements Optimizer.
func (o Nadam) Slots() []float32 { return o.options().slots }

// Rates implements Optimizer. The product of all uₜ is computed anew; after a few hundred factors it is 0.
func (o Nadam) Rates(step int) []float32 {
	u := func(t int) float64 { return float64(o.options().beta1) * (1 - 0.5*math.Pow(0.96, float64(t))) }
	product := 1.0
	for t := 1; t <= step+1 && product > 1e-300; t++ {
		product *= u(t)
	}
	_, second := o.options().corrections(step)
	rate, now, next := o.options().at(step), u(step+1), u(step+2)
	return row(rate*(1-now)/(1-product), rate*next/(1-product*next), 1/second)
}

// Record implements Optimizer.
func (o Nadam) Record(u Update) []backend.Op { return o.options().record(ops.Nadam, u) }

// RMSprop divides the gradient by the root of its mean square (Hinton, 2012; Keras's RMSprop, not centred):
// v ← ρ·v + (1−ρ)·g², m ← momentum·m + rate·g/√(v + ε), w ← w − m.
type RMSprop struct {
	LearningRate float32  // zero means 0.001
	Schedule     Schedule // of the learning rate, in place of LearningRate
	Rho          float32  // 0 to 1 exclusive; zero means 0.9
	Momentum     float32  // 0 to 1 exclusive
	Epsilon      float32  // zero means 1e-7
}

func (o RMSprop) options() options {
	return options{o.LearningRate, o.Schedule, o.Momentum, or(o.Rho, 0.9), or(o.Epsilon, 1e-7), []float32{0, 0}}
}

// Name returns "RMSprop".
func (RMSprop) Name() string { return "RMSprop" }

// Check implements Optimizer.
func (o RMSprop) Check() error { return o.options().check(o.Name()) }

// Slots implements Optimizer.
func (o RMSprop) Slots() []float32 { return o.options().slots }

// Rates implements Optimizer.
func (o RMSprop) Rates(step int) []float32 { return row(o.options().at(step), 0, 0) }

// Record implements Optimizer.
func (o RMSprop) Record(u Update) []backend.Op { return o.options().record(ops.RMSprop, u) }

// Adagrad divides the gradient by the root of the sum of all its squares (Duchi, Hazan and Singer, 2011; Keras's Adagrad):
// v ← v + g², w ← w − rate·g/√(v + ε), v beginning at InitialAccumulator.
type Adagrad struct {
	LearningRate       float32  // zero means 0.001
	Schedule           Schedule // of the learning rate, in place of LearningRate
	InitialAccumulator float32  // at least 0; zero means 0.1
	Epsilon            float32  // zero means 1e-7
}

func (o Adagrad) options() options {
	return options{o.LearningRate, o.Schedule, 0, 0, or(o.Epsilon, 1e-7), []float32{0, or(o.InitialAccumulator, 0.1)}}
}

// Name returns "Adagrad".
func (Adagrad) Name() string { return "Adagrad" }

// Check implements Optimizer.
func (o Adagrad) Check() error {
	if !(o.InitialAccumulator >= 0 && o.InitialAccumulator <= math.MaxFloat32) {
		return fmt.Errorf("optim: Adagrad: initial accumulator is %v, want at least 0", o.InitialAccumulator)
	}
	return o.options().check(o.Name())
}

// Slots implements Optimizer.
func (o Adagrad) Slots() []float32 { return o.options().slots }

// Rates implements Optimizer.
func (o Adagrad) Rates(step int) []float32 { return row(o.options().at(step), 0, 0) }

// Record implements Optimizer.
func (o Adagrad) Record(u Update) []backend.Op { return o.options().record(ops.Adagrad, u) }

// Adadelta takes steps whose size is the root mean square of the steps before (Zeiler, 2012; Keras's Adadelta):
// v ← ρ·v + (1−ρ)·g², d = g·√(m + ε)/√(v + ε), m ← ρ·m + (1−ρ)·d², w ← w − rate·d. The paper has a rate of 1.
type Adadelta struct {
	LearningRate float32  // zero means 0.001
	Schedule     Schedule // of the learning rate, in place of LearningRate
	Rho          float32  // 0 to 1 exclusive; zero means 0.95
	Epsilon      float32  // zero means 1e-7
}

func (o Adadelta) options() options {
	return options{o.LearningRate, o.Schedule, 0, or(o.Rho, 0.95), or(o.Epsilon, 1e-7), []float32{0, 0}}
}

// Name returns "Adadelta".
func (Adadelta) Name() string { return "Adadelta" }

// Check implements Optimizer.
func (o Adadelta) Check() error { return o.options().check(o.Name()) }

// Slots implements Optimizer.
func (o Adadelta) Slots() []float32 { return o.options().slots }

// Rates implements Optimizer.
func (o Adadelta) Rates(step int) []float32 { return row(o.options().at(step), 0, 0) }

// Record implements Optimizer.
func (o Adadelta) Record(u Update) []backend.Op { return o.options().record(ops.Adadelta, u) }

// Lion steps by the sign of its momentum alone (Chen et al., 2023; Keras's Lion): w ← w − rate·sign(β₁·m + (1−β₁)·g),
// m ← β₂·m + (1−β₂)·g, and with WeightDecay w ← w − rate·decay·w besides.
type Lion struct {
	LearningRate float32  // zero means 0.001
	Schedule     Schedule // of the learning rate, in place of LearningRate
	Beta1, Beta2 float32  // 0 to 1 exclusive; zeros mean 0.9 and 0.99
	WeightDecay  float32  // at least 0
}

func (o Lion) options() options {
	return options{o.LearningRate, o.Schedule, or(o.Beta1, 0.9), or(o.Beta2, 0.99), 0, []float32{0, 0}}
}

// Name returns "Lion".
func (Lion) Name() string { return "Lion" }

// Check implements Optimizer.
func (o Lion) Check() error {
	if !(o.WeightDecay >= 0 && o.WeightDecay <= 1) {
		return fmt.Errorf("optim: Lion: weight decay is %v, want 0 to 1", o.WeightDecay)
	}
	return o.options().check(o.Name())
}

// Slots implements Optimizer.
func (o Lion) Slots() []float32 { return o.options().slots }

// Rates implements Optimizer.
func (o Lion) Rates(step int) []float32 {
	rate := o.options().at(step)
	return row(rate, rate*float64(o.WeightDecay), 0)
}

// Record implements Optimizer.
func (o Lion) Record(u Update) []backend.Op { return o.options().record(ops.Lion, u) }
