package optim

import (
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

// RMSprop divides the gradient by the root of its mean square (Hinton, 2012; Keras's RMSprop, not centred):
// v ← ρ·v + (1−ρ)·g², m ← momentum·m + rate·g/√(v + ε), w ← w − m.
type RMSprop struct {
	LearningRate     float32  // zero means 0.001
	Schedule         Schedule // of the learning rate, in place of LearningRate
	Rho              float64  // 0 to 1 exclusive; zero means 0.9
	Momentum         float64  // 0 to 1 exclusive
	MomentumSchedule Schedule // of the momentum, in place of Momentum
	Epsilon          float32  // zero means 1e-7
	WeightDecay      float32  // 0 to 1
}

func (o RMSprop) options() options {
	return options{name: "RMSprop", rate: o.LearningRate, schedule: o.Schedule, beta1: o.Momentum, beta2: or(o.Rho, 0.9),
		beta1Schedule: o.MomentumSchedule, epsilon: or(o.Epsilon, 1e-7), decay: o.WeightDecay, slots: []float32{0, 0},
		called: [2]string{"momentum", "Rho"}}
}

// Name returns "RMSprop".
func (RMSprop) Name() string { return "RMSprop" }

// Check implements Optimizer.
func (o RMSprop) Check() error { return o.options().check() }

// Slots implements Optimizer.
func (o RMSprop) Slots() []float32 { return o.options().slots }

// Rate implements Optimizer.
func (o RMSprop) Rate(step int) float64 { return o.options().at(step) }

// Rates implements Optimizer.
func (o RMSprop) Rates(step int, scale float64) []float32 {
	return o.options().row(step, scale, 1, 0, 0)
}

// Record implements Optimizer.
func (o RMSprop) Record(u Update) ([]backend.Op, error) { return o.options().record(ops.RMSprop, u) }

// Adagrad divides the gradient by the root of the sum of all its squares (Duchi, Hazan and Singer, 2011; Keras's Adagrad):
// v ← v + g², w ← w − rate·g/√(v + ε), v beginning at InitialAccumulator.
type Adagrad struct {
	LearningRate       float32  // zero means 0.001
	Schedule           Schedule // of the learning rate, in place of LearningRate
	InitialAccumulator float32  // at least 0; zero means 0.1
	Epsilon            float32  // zero means 1e-7
	WeightDecay        float32  // 0 to 1
}

func (o Adagrad) options() options {
	return options{name: "Adagrad", rate: o.LearningRate, schedule: o.Schedule, epsilon: or(o.Epsilon, 1e-7), decay: o.WeightDecay,
		slots: []float32{0, or(o.InitialAccumulator, 0.1)}}
}

// Name returns "Adagrad".
func (Adagrad) Name() string { return "Adagrad" }

// Check implements Optimizer.
func (o Adagrad) Check() error {
	if !(o.InitialAccumulator >= 0 && o.InitialAccumulator <= math.MaxFloat32) {
		return fmt.Errorf("optim: Adagrad: initial accumulator is %v, want at least 0", o.InitialAccumulator)
	}
	return o.options().check()
}

// Slots implements Optimizer.
func (o Adagrad) Slots() []float32 { return o.options().slots }

// Rate implements Optimizer.
func (o Adagrad) Rate(step int) float64 { return o.options().at(step) }

// Rates implements Optimizer.
func (o Adagrad) Rates(step int, scale float64) []float32 {
	return o.options().row(step, scale, 1, 0, 0)
}

// Record implements Optimizer.
func (o Adagrad) Record(u Update) ([]backend.Op, error) { return o.options().record(ops.Adagrad, u) }

// Adadelta takes steps whose size is the root mean square of the steps before (Zeiler, 2012; Keras's Adadelta):
// v ← ρ·v + (1−ρ)·g², d = g·√(m + ε)/√(v + ε), m ← ρ·m + (1−ρ)·d², w ← w − rate·d. The paper has a rate of 1.
type Adadelta struct {
	LearningRate float32  // zero means 0.001
	Schedule     Schedule // of the learning rate, in place of LearningRate
	Rho          float64  // 0 to 1 exclusive; zero means 0.95
	Epsilon      float32  // zero means 1e-7
	WeightDecay  float32  // 0 to 1
}

func (o Adadelta) options() options {
	return options{name: "Adadelta", rate: o.LearningRate, schedule: o.Schedule, beta2: or(o.Rho, 0.95), epsilon: or(o.Epsilon, 1e-7),
		decay: o.WeightDecay, slots: []float32{0, 0}, called: [2]string{"momentum", "Rho"}}
}

// Name returns "Adadelta".
func (Adadelta) Name() string { return "Adadelta" }

// Check implements Optimizer.
func (o Adadelta) Check() error { return o.options().check() }

// Slots implements Optimizer.
func (o Adadelta) Slots() []float32 { return o.options().slots }

// Rate implements Optimizer.
func (o Adadelta) Rate(step int) float64 { return o.options().at(step) }

// Rates implements Optimizer.
func (o Adadelta) Rates(step int, scale float64) []float32 {
	return o.options().row(step, scale, 1, 0, 0)
}

// Record implements Optimizer.
func (o Adadelta) Record(u Update) ([]backend.Op, error) { return o.options().record(ops.Adadelta, u) }
