package engine

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/engine/data"
	"github.com/gradus-ml/gradus/engine/optim"
)

// RangeTest says how a learning rate is looked for. Zeros mean the defaults.
type RangeTest struct {
	Low, High float64 // the rates of the first and the last step; 1e-5 and 10
	Steps     int     // 500
	BatchSize int     // 32, or all examples if there are fewer
	Smoothing float64 // of the losses: how much of the average stays in each step, 0 to 1 exclusive; 0.9
}

// explosion is how many times the least smoothed loss ends the test.
const explosion = 4

// RateCurve is what a range test found, step by step. It ends where the loss exploded.
type RateCurve struct {
	Rates, Losses []float64
	Smoothed      []float64 // moving averages of the losses, corrected for their beginning at 0
	Turning       float64   // the last rate before the smoothed loss rose by more than a tenth of what it had fallen
	Suggested     float64   // Turning/10, for a fixed rate
	CycleMax      float64   // Turning/3, for the Max of optim.OneCycle, which stays there only for a while
}

// FindLearningRate trains a copy of the model at rates that grow exponentially from step to step until the loss explodes (Smith, 2015,
// "Cyclical Learning Rates for Training Neural Networks", section 3.3), and suggests a tenth of the rate at which the loss turns to rise, a third of
// it as the maximum of one cycle.
// The model stays as it was. Rates take the place of the optimizer's and its schedule's; all else of it is as in a Fit.
// If the loss is least at the first or the last step, other limits are needed. engine/plot draws the curve.
func (m *Model) FindLearningRate(ctx context.Context, train *data.Set, test RangeTest) (*RateCurve, error) {
	test = test.withDefaults()
	curve, err := m.findLearningRate(ctx, train, test)
	if err != nil {
		return nil, fmt.Errorf("engine: learning rate test: %w", err)
	}
	return curve, nil
}

func (t RangeTest) withDefaults() RangeTest {
	for _, option := range []struct {
		value     *float64
		otherwise float64
	}{{&t.Low, 1e-5}, {&t.High, 10}, {&t.Smoothing, 0.9}} {
		if *option.value == 0 {
			*option.value = option.otherwise
		}
	}
	if t.Steps == 0 {
		t.Steps = 500
	}
	return t
}

func (t RangeTest) check() error {
	switch {
	case !(t.Low > 0 && t.Low < t.High && t.High <= 1e6):
		return fmt.Errorf("rates are from %v to %v, want more than 0, rising, at most 1e+06", t.Low, t.High)
	case t.Steps < 2:
		return fmt.Errorf("steps is %d, want at least 2", t.Steps)
	case !(t.Smoothing > 0 && t.Smoothing < 1):
		return fmt.Errorf("smoothing is %v, want 0 to 1 exclusive", t.Smoothing)
	}
	return nil
}

func (m *Model) findLearningRate(ctx context.Context, train *data.Set, test RangeTest) (*RateCurve, error) {
	rising := rising{m.training.Optimizer, test}
	if err := errors.Join(test.check(), rising.check()); err != nil {
		return nil, err
	}
	trial, err := m.Clone()
	if err != nil {
		return nil, err
	}
	trial.training.Optimizer = rising
	curve := &RateCurve{}
	watch := StepFunc(func(_ *Model, s Steps) error {
		for _, loss := range s.Losses {
			curve.add(rising, loss)
			if curve.exploded() || len(curve.Rates) == test.Steps {
				return Stop
			}
		}
		return nil
	})
	_, err = trial.Fit(ctx, train, Fit{Epochs: test.Steps, BatchSize: test.BatchSize, DropRemainder: true, Callbacks: []Callback{watch}})
	return curve, errors.Join(err, trial.Close(), curve.judge())
}

// add adds the loss of the next step.
func (c *RateCurve) add(o rising, loss float64) {
	n, kept := len(c.Rates), o.test.Smoothing
	before := 0.0 // the average without its correction
	if n > 0 {
		before = c.Smoothed[n-1] * (1 - math.Pow(kept, float64(n)))
	}
	smoothed := (kept*before + (1-kept)*loss) / (1 - math.Pow(kept, float64(n+1)))
	c.Rates, c.Losses, c.Smoothed = append(c.Rates, o.Rate(n)), append(c.Losses, loss), append(c.Smoothed, smoothed)
}

// exploded reports whether the last loss is not finite, or far above the least.
func (c *RateCurve) exploded() bool {
	last := c.Smoothed[len(c.Smoothed)-1]
	least := c.Smoothed[c.turn()]
	return math.IsNaN(last) || math.IsInf(last, 0) || least > 0 && last > explosion*least
}

// turn returns the step with the least smoothed loss.
func (c *RateCurve) turn() (step int) {
	for i, v := range c.Smoothed {
		if v < c.Smoothed[step] {
			step = i
		}
	}
	return step
}

// climb returns the last step before the smoothed loss rises for good: by more than a tenth of what it had fallen.
func (c *RateCurve) climb() int {
	turn := c.turn()
	least := c.Smoothed[turn]
	high := least + (c.Smoothed[0]-least)/10
	for i := len(c.Smoothed) - 1; i > turn; i-- {
		if c.Smoothed[i] <= high {
			return i
		}
	}
	return turn
}

// judge finds the rates to suggest.
func (c *RateCurve) judge() error {
	if len(c.Rates) == 0 {
		return nil // an error came before
	}
	if first := c.Smoothed[0]; math.IsNaN(first) || math.IsInf(first, 0) {
		return fmt.Errorf("the loss of the first step is %v at a rate of %v", first, c.Rates[0])
	}
	c.Turning = c.Rates[c.climb()]
	c.Suggested, c.CycleMax = c.Turning/10, c.Turning/3
	return nil
}

// String returns the findings in a line.
func (c *RateCurve) String() string {
	last := len(c.Rates) - 1
	return fmt.Sprintf("loss %.3g at a rate of %.2g, least %.3g, climbing from %.2g on, %.3g at %.2g after %d steps: try %.2g, or one cycle up to %.2g",
		c.Smoothed[0], c.Rates[0], c.Smoothed[c.turn()], c.Turning, c.Smoothed[last], c.Rates[last], last+1, c.Suggested, c.CycleMax)
}

// rising is an optimizer at the rates of a range test.
type rising struct {
	optim.Optimizer
	test RangeTest
}

// Rate implements optim.Optimizer: Low·(High/Low)^(step/(Steps−1)), and High from there on.
func (o rising) Rate(step int) float64 {
	return o.test.Low * math.Pow(o.test.High/o.test.Low, math.Min(float64(step)/float64(o.test.Steps-1), 1))
}

// Rates implements optim.Optimizer.
func (o rising) Rates(step int, scale float64) []float32 {
	return o.Optimizer.Rates(step, scale*o.Rate(step)/o.Optimizer.Rate(step))
}

// check refuses an optimizer whose own rate is 0 in one of the steps: it cannot be multiplied.
func (o rising) check() error {
	for step := range o.test.Steps {
		if own := o.Optimizer.Rate(step); !(own > 0) {
			return fmt.Errorf("the optimizer's own rate is %v at step %d, want more than 0 to be multiplied", own, step)
		}
	}
	return nil
}
