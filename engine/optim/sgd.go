package optim

import (
	"fmt"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

// SGD is gradient descent with or without momentum (Keras's SGD; Polyak, 1964; Nesterov, 1983). With gradient g:
//
//	no momentum:  w ← w − rate·g
//	momentum:     v ← momentum·v − rate·g,  w ← w + v
//	Nesterov:     v ← momentum·v − rate·g,  w ← w + momentum·v − rate·g
//
// With WeightDecay, w ← w − rate·decay·w besides (Loshchilov and Hutter, 2017; Keras's weight_decay).
type SGD struct {
	LearningRate     float32  // more than 0; zero means 0.01
	Schedule         Schedule // of the learning rate, in place of LearningRate
	Momentum         float64  // 0 to 1 exclusive
	MomentumSchedule Schedule // of the momentum, in place of Momentum
	Nesterov         bool     // needs a momentum
	WeightDecay      float32  // 0 to 1
}

// Name returns "SGD".
func (SGD) Name() string { return "SGD" }

func (o SGD) rolls() bool { return o.Momentum > 0 || o.MomentumSchedule != nil }

// Check implements Optimizer.
func (o SGD) Check() error {
	if err := checkFraction("SGD", "momentum", o.Momentum, o.MomentumSchedule); err != nil {
		return err
	}
	if o.Nesterov && !o.rolls() {
		return fmt.Errorf("optim: SGD: Nesterov without a momentum, want a momentum of more than 0")
	}
	if err := checkDecay("SGD", o.WeightDecay); err != nil {
		return err
	}
	return checkRate("SGD", o.LearningRate, o.Schedule)
}

// Slots returns one with a momentum, else none.
func (o SGD) Slots() []float32 {
	if o.rolls() {
		return []float32{0}
	}
	return nil
}

// Rate implements Optimizer.
func (o SGD) Rate(step int) float64 { return learningRate(o.LearningRate, 0.01, o.Schedule, step) }

// Rates returns the learning rate, the momentum and the decay.
func (o SGD) Rates(step int, scale float64) []float32 {
	rate := o.Rate(step) * scale
	return []float32{float32(rate), float32(scheduled(o.Momentum, o.MomentumSchedule, step)), float32(rate * float64(o.WeightDecay))}
}

// Record implements Optimizer.
func (o SGD) Record(u Update) ([]backend.Op, error) {
	op := ops.SGD{Params: u.Params, Grads: u.Grads, Factors: u.factors(), Rates: u.Rates, N: u.Params.Len, Nesterov: o.Nesterov}
	if o.rolls() {
		op.Velocity = u.Slots[0]
	}
	return []backend.Op{op}, nil
}
