package optim

import (
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

// Lion steps by the sign of its momentum alone (Chen et al., 2023; Keras's Lion): w ← w − rate·sign(β₁·m + (1−β₁)·g),
// m ← β₂·m + (1−β₂)·g, and with WeightDecay w ← w − rate·decay·w besides.
type Lion struct {
	LearningRate float32  // zero means 0.001
	Schedule     Schedule // of the learning rate, in place of LearningRate
	Beta1, Beta2 float64  // 0 to 1 exclusive; zeros mean 0.9 and 0.99
	WeightDecay  float32  // 0 to 1
}

func (o Lion) options() options {
	return options{name: "Lion", rate: o.LearningRate, schedule: o.Schedule, beta1: or(o.Beta1, 0.9), beta2: or(o.Beta2, 0.99),
		decay: o.WeightDecay, slots: []float32{0, 0}}
}

// Name returns "Lion".
func (Lion) Name() string { return "Lion" }

// Check implements Optimizer.
func (o Lion) Check() error { return o.options().check() }

// Slots implements Optimizer.
func (o Lion) Slots() []float32 { return o.options().slots }

// Rate implements Optimizer.
func (o Lion) Rate(step int) float64 { return o.options().at(step) }

// Rates implements Optimizer.
func (o Lion) Rates(step int, scale float64) []float32 { return o.options().row(step, scale, 1, 0, 0) }

// Record implements Optimizer.
func (o Lion) Record(u Update) ([]backend.Op, error) { return o.options().record(ops.Lion, u) }
