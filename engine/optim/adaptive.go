package optim

import (
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

// options are what the adaptive optimizers have in common. A zero stands for Keras's default.
type options struct {
	name           string
	rate           float32
	schedule       Schedule
	beta1, beta2   float64
	beta1Schedule  Schedule
	epsilon, decay float32
	slots          []float32
	called         [2]string // beta1 and beta2; Beta1 and Beta2 if empty
}

// or is the option, or the default for zero.
func or[T int | float32 | float64](v, otherwise T) T {
	if v == 0 {
		return otherwise
	}
	return v
}

func (o options) check() error {
	first, second := o.called[0], o.called[1]
	if first == "" {
		first, second = "Beta1", "Beta2"
	}
	if err := checkFraction(o.name, first, o.beta1, o.beta1Schedule); err != nil {
		return err
	}
	if err := checkFraction(o.name, second, o.beta2, nil); err != nil {
		return err
	}
	if !(o.epsilon >= 0 && o.epsilon <= 1) {
		return fmt.Errorf("optim: %s: epsilon is %v, want more than 0, at most 1", o.name, o.epsilon)
	}
	if err := checkDecay(o.name, o.decay); err != nil {
		return err
	}
	return checkRate(o.name, o.rate, o.schedule)
}

// checkFraction refuses a decay, or the first of its schedule, that is not from 0 to 1 exclusive.
func checkFraction(name, option string, v float64, s Schedule) error {
	if c, ok := s.(interface{ Check() error }); ok {
		if err := c.Check(); err != nil {
			return fmt.Errorf("optim: %s: %w", name, err)
		}
	}
	if v := scheduled(v, s, 0); !(v >= 0 && v < 1) {
		return fmt.Errorf("optim: %s: %s is %v, want 0 to 1 exclusive", name, option, v)
	}
	return nil
}

func checkDecay(name string, decay float32) error {
	if !(decay >= 0 && decay <= 1) {
		return fmt.Errorf("optim: %s: weight decay is %v, want 0 to 1", name, decay)
	}
	return nil
}

// scheduled is the schedule's value, or the fixed one.
func scheduled(fixed float64, s Schedule, step int) float64 {
	if s != nil {
		return s.Rate(step)
	}
	return fixed
}

// at is the learning rate of the step.
func (o options) at(step int) float64 { return learningRate(o.rate, 0.001, o.schedule, step) }

func (o options) beta1At(step int) float64 { return scheduled(o.beta1, o.beta1Schedule, step) }

// corrections are 1 − β₁ᵗ and 1 − β₂ᵗ for the step, t counting from 1, where β₁ is that of the step (as PyTorch has it for a cycle).
func (o options) corrections(step int) (first, second float64) {
	t := float64(step + 1)
	return 1 - math.Pow(o.beta1At(step), t), 1 - math.Pow(o.beta2, t)
}

// row returns a step's coefficients, of which a and b are times the learning rate.
func (o options) row(step int, scale float64, a, b, c float64) []float32 {
	rate := o.at(step) * scale
	return []float32{float32(rate * a), float32(rate * b), float32(c), float32(rate * float64(o.decay)), float32(1 - o.beta1At(step))}
}

func (o options) op(kind ops.AdaptiveKind, u Update) ops.Adaptive {
	op := ops.Adaptive{Params: u.Params, Grads: u.Grads, M: u.Slots[0], V: u.Slots[1], Factors: u.factors(), Rates: u.Rates,
		N: u.Params.Len, Kind: kind, Beta2: o.beta2, Epsilon: o.epsilon}
	if kind.Slots() == 3 {
		op.U = u.Slots[2]
	}
	return op
}

func (o options) record(kind ops.AdaptiveKind, u Update) ([]backend.Op, error) {
	return []backend.Op{o.op(kind, u)}, nil
}
