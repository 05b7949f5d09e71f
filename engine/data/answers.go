package data

import (
	"fmt"
	"math"
	"slices"
)

// Answers are what one output of a network should be, for all examples: classes or numbers.
type Answers struct {
	Labels  []int     // the class of each example, from 0, or
	Targets []float32 // numbers of the shape, of all examples, one after the other
	Shape   []int     // of one example's targets
}

// Size returns how many targets an example has.
func (a *Answers) Size() int {
	n := 1
	for _, d := range a.Shape {
		n *= d
	}
	return n
}

// check refuses answers that do not fit so many examples, or are not numbers.
func (a *Answers) check(examples int) error {
	switch {
	case len(a.Labels) > 0 && len(a.Targets) > 0:
		return fmt.Errorf("data: both Labels and Targets are given, want one")
	case len(a.Targets) > 0:
		return a.checkTargets(examples)
	case len(a.Labels) != examples:
		return fmt.Errorf("data: %d labels for %d examples", len(a.Labels), examples)
	}
	for i, label := range a.Labels {
		if label < 0 || label > math.MaxInt32 {
			return fmt.Errorf("data: label %d is %d, want 0 to %d", i, label, math.MaxInt32)
		}
	}
	return nil
}

func (a *Answers) checkTargets(examples int) error {
	n := a.Size()
	if len(a.Shape) == 0 || slices.Min(a.Shape) < 1 || len(a.Targets) != n*examples {
		return fmt.Errorf("data: %d targets of shape %v for %d examples", len(a.Targets), a.Shape, examples)
	}
	for i, v := range a.Targets {
		if v-v != 0 { // NaN and the infinities
			return fmt.Errorf("data: target %d of example %d is %v", i%n, i/n, v)
		}
	}
	return nil
}

// slice returns the answers from number from to before number to. It shares their memory.
func (a Answers) slice(from, to int) Answers {
	if len(a.Labels) > 0 {
		a.Labels = a.Labels[from:to:to]
	}
	if n := a.Size(); len(a.Targets) > 0 {
		a.Targets = a.Targets[from*n : to*n : to*n]
	}
	return a
}

// pick returns the answers with the numbers, copied.
func (a Answers) pick(numbers []int) Answers {
	labels, targets, n := a.Labels, a.Targets, a.Size()
	a.Labels, a.Targets = nil, nil
	for _, number := range numbers {
		if len(labels) > 0 {
			a.Labels = append(a.Labels, labels[number])
		}
		if len(targets) > 0 {
			a.Targets = append(a.Targets, targets[number*n:(number+1)*n]...)
		}
	}
	return a
}

// answer is the set's own: that of the first output.
func (s *Set) answer() Answers { return Answers{s.Labels, s.Targets, s.TargetShape} }

func (s *Set) setAnswer(a Answers) { s.Labels, s.Targets = a.Labels, a.Targets }

// AllAnswers lists those of so many outputs, the set's own first. An output that has none of its own has the first's.
func (s *Set) AllAnswers(outputs int) []Answers {
	all := slices.Repeat([]Answers{s.answer()}, outputs)
	copy(all[min(1, outputs):], s.Outputs)
	return all
}

// Answered reports whether the set has answers of any kind.
func (s *Set) Answered() bool { return len(s.Labels)+len(s.Targets) > 0 }

// WithoutAnswers returns the examples alone.
func (s *Set) WithoutAnswers() *Set {
	bare := *s
	bare.Labels, bare.Targets, bare.TargetShape, bare.Outputs, bare.Weights = nil, nil, nil, nil, nil
	return &bare
}

// Autoencoding returns the same examples with their own features, as the network is fed them, as targets: for a network that is to
// give back what it gets.
func (s *Set) Autoencoding() *Set {
	made := s.WithoutAnswers()
	made.Weights = s.Weights
	f := s.first()
	made.TargetShape, made.Targets = slices.Clone(s.Shape), f.values()
	return made
}

// checkAnswers refuses answers and weights that do not fit the examples.
func (s *Set) checkAnswers() error {
	for i, a := range append([]Answers{s.answer()}, s.Outputs...) {
		if err := a.check(s.Len()); err != nil {
			if i > 0 {
				return fmt.Errorf("output %d: %w", i, err)
			}
			return err
		}
	}
	if s.Weights != nil && len(s.Weights) != s.Len() {
		return fmt.Errorf("data: %d weights for %d examples", len(s.Weights), s.Len())
	}
	for i, w := range s.Weights {
		if !(w >= 0) || math.IsInf(float64(w), 0) {
			return fmt.Errorf("data: the weight of example %d is %v, want a finite number of at least 0", i, w)
		}
	}
	return nil
}
