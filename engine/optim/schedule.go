package optim

import (
	"fmt"
	"math"
	"slices"
)

// A Schedule gives the learning rate of each step, counted from 0 over the whole training. It is ordinary Go on the host: a schedule of
// one's own needs no more than the method. Those that also have a method Check() error are checked by engine.Compile.
type Schedule interface {
	Rate(step int) float64
}

// ScheduleFunc makes a schedule of a function.
type ScheduleFunc func(step int) float64

// Rate implements Schedule.
func (f ScheduleFunc) Rate(step int) float64 { return f(step) }

// maxRate refuses what can only be a slip.
const maxRate = 1e6

func checkRate(name string, rate float32, s Schedule) error {
	if !(rate >= 0 && rate <= maxRate) {
		return fmt.Errorf("optim: %s: learning rate is %v, want more than 0, at most %v", name, rate, float32(maxRate))
	}
	if c, ok := s.(interface{ Check() error }); ok {
		if err := c.Check(); err != nil {
			return fmt.Errorf("optim: %s: %w", name, err)
		}
	}
	return nil
}

// learningRate is the schedule's, or the fixed one, or the default.
func learningRate(fixed, otherwise float32, s Schedule, step int) float64 {
	switch {
	case s != nil:
		return s.Rate(step)
	case fixed == 0:
		return float64(otherwise)
	}
	return float64(fixed)
}

// positive refuses options that are not finite and more than 0.
func positive(schedule string, options map[string]float64) error {
	for _, name := range sorted(options) {
		if v := options[name]; !(v > 0) || math.IsInf(v, 0) {
			return fmt.Errorf("%s: %s is %v, want more than 0", schedule, name, v)
		}
	}
	return nil
}

func sorted(options map[string]float64) []string {
	var names []string
	for name := range options {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// ExponentialDecay is Initial·Decay^(step/Steps) (Keras's ExponentialDecay).
type ExponentialDecay struct {
	Initial, Decay float64
	Steps          int
	Staircase      bool // round step/Steps down
}

// Rate implements Schedule.
func (s ExponentialDecay) Rate(step int) float64 {
	p := float64(step) / float64(s.Steps)
	if s.Staircase {
		p = math.Floor(p)
	}
	return s.Initial * math.Pow(s.Decay, p)
}

// Check refuses options that are not positive.
func (s ExponentialDecay) Check() error {
	return positive("ExponentialDecay", map[string]float64{"Initial": s.Initial, "Decay": s.Decay, "Steps": float64(s.Steps)})
}

// InverseTimeDecay is Initial/(1 + Decay·step/Steps) (Keras's InverseTimeDecay).
type InverseTimeDecay struct {
	Initial, Decay float64
	Steps          int
	Staircase      bool // round step/Steps down
}

// Rate implements Schedule.
func (s InverseTimeDecay) Rate(step int) float64 {
	p := float64(step) / float64(s.Steps)
	if s.Staircase {
		p = math.Floor(p)
	}
	return s.Initial / (1 + s.Decay*p)
}

// Check refuses options that are not positive.
func (s InverseTimeDecay) Check() error {
	return positive("InverseTimeDecay", map[string]float64{"Initial": s.Initial, "Decay": s.Decay, "Steps": float64(s.Steps)})
}

// PowerDecay is Initial/(1 + step/Steps)^Power: power scheduling. A Power of zero means 1, as InverseTimeDecay with a Decay of 1.
type PowerDecay struct {
	Initial, Power float64
	Steps          int
}

// Rate implements Schedule.
func (s PowerDecay) Rate(step int) float64 {
	return s.Initial / math.Pow(1+float64(step)/float64(s.Steps), or(s.Power, 1))
}

// Check refuses options that are not positive.
func (s PowerDecay) Check() error {
	return positive("PowerDecay", map[string]float64{"Initial": s.Initial, "Power": or(s.Power, 1), "Steps": float64(s.Steps)})
}

// PiecewiseConstant is Values[i] for the first i with step ≤ Boundaries[i], and the last value after the last boundary (Keras's
// PiecewiseConstantDecay).
type PiecewiseConstant struct {
	Boundaries []int
	Values     []float64 // one more than boundaries
}

// Rate implements Schedule.
func (s PiecewiseConstant) Rate(step int) float64 {
	for i, b := range s.Boundaries {
		if step <= b {
			return s.Values[i]
		}
	}
	return s.Values[len(s.Values)-1]
}

// Check refuses boundaries that do not rise, and values that are too few or not positive.
func (s PiecewiseConstant) Check() error {
	if len(s.Values) != len(s.Boundaries)+1 || !slices.IsSorted(s.Boundaries) {
		return fmt.Errorf("PiecewiseConstant: boundaries are %v and values %v, want rising boundaries and one value more", s.Boundaries, s.Values)
	}
	for _, v := range s.Values {
		if err := positive("PiecewiseConstant", map[string]float64{"a value": v}); err != nil {
			return err
		}
	}
	return nil
}

// PolynomialDecay goes from Initial to End in Steps steps, (Initial − End)·(1 − step/Steps)^Power + End, and stays there (Keras's
// PolynomialDecay). A Power of zero means 1.
type PolynomialDecay struct {
	Initial, End, Power float64
	Steps               int
}

// Rate implements Schedule.
func (s PolynomialDecay) Rate(step int) float64 {
	power := s.Power
	if power == 0 {
		power = 1
	}
	left := 1 - math.Min(float64(step)/float64(s.Steps), 1)
	return (s.Initial-s.End)*math.Pow(left, power) + s.End
}

// Check refuses options out of range.
func (s PolynomialDecay) Check() error {
	if !(s.End >= 0) || !(s.Power >= 0) {
		return fmt.Errorf("PolynomialDecay: End is %v and Power %v, want at least 0", s.End, s.Power)
	}
	return positive("PolynomialDecay", map[string]float64{"Initial": s.Initial, "Steps": float64(s.Steps)})
}

// CosineDecay goes from Initial to Alpha·Initial in Steps steps along half a cosine and stays there (Loshchilov and Hutter, 2016; Keras's
// CosineDecay). With Restarts it begins anew instead, each time Grow times as long and from Shrink times as high (Keras's
// CosineDecayRestarts); zeros mean 2 and 1.
type CosineDecay struct {
	Initial, Alpha float64
	Steps          int
	Restarts       bool
	Grow, Shrink   float64
}

// Rate implements Schedule.
func (s CosineDecay) Rate(step int) float64 {
	position, height := float64(step)/float64(s.Steps), 1.0
	if s.Restarts {
		position, height = s.restart(position)
	}
	cosine := (1 + math.Cos(math.Pi*math.Min(position, 1))) / 2
	return s.Initial * ((1-s.Alpha)*height*cosine + s.Alpha)
}

// restart returns how far the current cycle is and how high it begins.
func (s CosineDecay) restart(position float64) (within, height float64) {
	grow, shrink := s.Grow, s.Shrink
	if grow == 0 {
		grow = 2
	}
	if shrink == 0 {
		shrink = 1
	}
	length := 1.0
	for height = 1; position >= length; height *= shrink {
		position -= length
		length *= grow
	}
	return position / length, height
}

// Check refuses options out of range.
func (s CosineDecay) Check() error {
	if !(s.Alpha >= 0 && s.Alpha <= 1) || s.Grow != 0 && !(s.Grow >= 1) || !(s.Shrink >= 0) {
		return fmt.Errorf("CosineDecay: Alpha is %v, Grow %v and Shrink %v, want 0 to 1, at least 1, and at least 0", s.Alpha, s.Grow, s.Shrink)
	}
	return positive("CosineDecay", map[string]float64{"Initial": s.Initial, "Steps": float64(s.Steps)})
}

// Warmup rises from 0 to what Then gives for its first step, in Steps steps, and goes on with Then.
type Warmup struct {
	Steps int
	Then  Schedule
}

// Rate implements Schedule.
func (s Warmup) Rate(step int) float64 {
	if step < s.Steps {
		return s.Then.Rate(0) * float64(step+1) / float64(s.Steps)
	}
	return s.Then.Rate(step - s.Steps)
}

// Check refuses what has no steps or nothing to go on with.
func (s Warmup) Check() error {
	if s.Steps < 1 || s.Then == nil {
		return fmt.Errorf("Warmup: Steps is %d and Then %v, want at least 1 and a schedule", s.Steps, s.Then)
	}
	return checkRate("Warmup", 0, s.Then)
}
