package optim

import (
	"fmt"
	"math"
)

// OneCycle rises from Max/10 to Max in the first half of Steps, falls back in the second, less its last tenth, in which it falls to
// Max/1000 (Smith, 2018). Momentum is the schedule of the momentum that goes with it.
//
//	cycle := optim.OneCycle{Max: 0.05, Steps: 1000}
//	optim.SGD{Schedule: cycle, MomentumSchedule: cycle.Momentum()}
type OneCycle struct {
	Max   float64
	Steps int
}

// Momentum returns the schedule of the momentum that goes with the cycle: 0.95 to 0.85 and back.
func (s OneCycle) Momentum() OneCycleMomentum { return OneCycleMomentum{Steps: s.Steps} }

// Rate implements Schedule.
func (s OneCycle) Rate(step int) float64 {
	return cycle(step, s.Steps, [4]float64{s.Max / 10, s.Max, s.Max / 10, s.Max / 1000})
}

// Check refuses options that are not positive.
func (s OneCycle) Check() error {
	return positive("OneCycle", map[string]float64{"Max": s.Max, "Steps": float64(s.Steps)})
}

// OneCycleMomentum falls from High to Low while the rate of OneCycle rises, rises back while it falls, and stays there for the last
// tenth. It is a schedule of SGD's and RMSprop's momentum and of Adam's β₁, not of a learning rate.
type OneCycleMomentum struct {
	High, Low float64 // 0 to 1 exclusive; zeros mean 0.95 and 0.85
	Steps     int
}

func (s OneCycleMomentum) ends() (high, low float64) { return or(s.High, 0.95), or(s.Low, 0.85) }

// Rate implements Schedule: it is the momentum of the step.
func (s OneCycleMomentum) Rate(step int) float64 {
	high, low := s.ends()
	return cycle(step, s.Steps, [4]float64{high, low, high, high})
}

// Check refuses options out of range.
func (s OneCycleMomentum) Check() error {
	if high, low := s.ends(); !(low > 0 && low <= high && high < 1) {
		return fmt.Errorf("OneCycleMomentum: High is %v and Low %v, want 0 to 1 exclusive, and Low at most High", high, low)
	}
	return positive("OneCycleMomentum", map[string]float64{"Steps": float64(s.Steps)})
}

// cycle goes straight through four values: two stretches of the same length, then the last tenth of the steps.
func cycle(step, steps int, through [4]float64) float64 {
	last := float64(steps) / 10
	half := (float64(steps) - last) / 2
	x := float64(step)
	switch {
	case x < half:
		return through[0] + (through[1]-through[0])*x/half
	case x < 2*half:
		return through[1] + (through[2]-through[1])*(x-half)/half
	}
	return through[2] + (through[3]-through[2])*math.Min((x-2*half)/last, 1)
}
