package optim

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

// A Group is the variables whose names match one of the patterns, with what is different for them.
type Group struct {
	Match    []string // patterns as path.Match has them: "dense_1/*", "*/bias"
	Rate     float32  // factor of the learning rate, more than 0; zero means 1
	NoDecay  bool     // no weight decay
	Optional bool     // a pattern that matches no variable is no mistake
}

// Undecayed is the group of biases and of the scales and shifts of normalisation layers, without weight decay, as is usual.
func Undecayed() Group {
	return Group{Match: []string{"*/bias", "*/gamma", "*/beta"}, NoDecay: true, Optional: true}
}

// Grouped is an optimizer that trains groups of variables differently: where groups overlap, their rates are multiplied, and
// one without decay suffices. One operation still updates all of them, with a small table of factors.
//
//	optim.Grouped{Optimizer: optim.Adam{WeightDecay: 0.004}, Groups: []optim.Group{optim.Undecayed(), {Match: []string{"dense/*"}, Rate: 0.1}}}
type Grouped struct {
	Optimizer
	Groups []Group
}

// Unwrap returns the optimizer whose variables are grouped.
func (o Grouped) Unwrap() Optimizer { return o.Optimizer }

// Check implements Optimizer.
func (o Grouped) Check() error {
	if o.Optimizer == nil {
		return fmt.Errorf("optim: Grouped: no optimizer")
	}
	for i, g := range o.Groups {
		if !(g.Rate >= 0 && g.Rate <= maxRate) {
			return fmt.Errorf("optim: %s: group %d: rate is %v, want more than 0, at most %v, or 0 for 1", o.Name(), i, g.Rate, float32(maxRate))
		}
		if len(g.Match) == 0 {
			return fmt.Errorf("optim: %s: group %d: no patterns, want at least one", o.Name(), i)
		}
		if err := checkPatterns(g.Match); err != nil {
			return fmt.Errorf("optim: %s: group %d: %w", o.Name(), i, err)
		}
	}
	return o.Optimizer.Check()
}

// Record implements Optimizer.
func (o Grouped) Record(u Update) ([]backend.Op, error) {
	factors := u.BlockFactors()
	for i, g := range o.Groups {
		if !g.Optional {
			if err := found(g.Match, u.Names); err != nil {
				return nil, fmt.Errorf("optim: %s: group %d: %w", o.Name(), i, err)
			}
		}
		for _, v := range u.Variables {
			if matches(g.Match, v.Name) {
				v.scale(factors, or(g.Rate, 1), g.NoDecay)
			}
		}
	}
	u.Factors = factors
	return o.Optimizer.Record(u)
}

// scale multiplies the factors of the variable's blocks.
func (v Variable) scale(factors []float32, rate float32, noDecay bool) {
	for b := v.Offset / ops.Block; b*ops.Block < v.Offset+v.Size(); b++ {
		factors[2*b] *= rate
		factors[2*b+1] *= rate
		if noDecay {
			factors[2*b+1] = 0
		}
	}
}

// checkPatterns refuses those that path.Match does not understand.
func checkPatterns(patterns []string) error {
	for _, p := range patterns {
		if _, err := path.Match(p, ""); err != nil {
			return fmt.Errorf("pattern %q: %w", p, err)
		}
	}
	return nil
}

// found refuses patterns that match none of the names.
func found(patterns, names []string) error {
	for _, p := range patterns {
		if !slices.ContainsFunc(names, func(name string) bool { return matches([]string{p}, name) }) {
			return fmt.Errorf("pattern %q matches no variable: there are %s", p, strings.Join(names, ", "))
		}
	}
	return nil
}

// matches reports whether one of the patterns matches the name.
func matches(patterns []string, name string) bool {
	for _, p := range patterns {
		if ok, err := path.Match(p, name); ok && err == nil {
			return true
		}
	}
	return false
}
