package engine

import "fmt"

// LearningRate returns the learning rate of the next step: the optimizer's or its schedule's, times what SetLearningRate made of it.
func (m *Model) LearningRate() float64 { return m.training.Optimizer.Rate(m.steps) * m.factor }

// made adds to steps that were just made what their numbers and rates are.
func (t *trainer) made(s Steps) Steps {
	s.Number = t.steps - len(s.Losses)
	for i := range s.Losses {
		s.Rates = append(s.Rates, t.training.Optimizer.Rate(s.Number+i)*t.at.Factor)
	}
	return s
}

// rateText ends a line of scores.
func rateText(rate float64) string { return fmt.Sprintf(" - learning_rate: %.3g", rate) }

// SetLearningRate gives the next step the learning rate; a schedule goes on in proportion. Rates are laid down when an epoch
// begins, so it takes effect with the next one.
func (m *Model) SetLearningRate(rate float64) error {
	own := m.training.Optimizer.Rate(m.steps)
	switch {
	case !(rate >= 0 && rate <= 1e6):
		return fmt.Errorf("engine: learning rate is %v, want 0 to 1e+06", rate)
	case !(own > 0):
		return fmt.Errorf("engine: learning rate %v: the optimizer's own is %v at step %d, want more than 0 to be multiplied", rate, own, m.steps)
	}
	m.factor = rate / own
	return nil
}

// LearningRateScheduler sets the learning rate of each epoch, whose number is from 1 over all calls of Fit; it is given the rate that the
// first step would have (Keras's LearningRateScheduler, whose epochs are from 0).
//
//	engine.LearningRateScheduler(func(epoch int, rate float64) float64 { return rate * 0.9 })
type LearningRateScheduler func(epoch int, rate float64) float64

// EpochBegin implements EpochBeginner.
func (f LearningRateScheduler) EpochBegin(m *Model, epoch int) error {
	return m.SetLearningRate(f(epoch, m.LearningRate()))
}

// ReduceLROnPlateau multiplies the learning rate by Factor when a score has not improved for Patience epochs: performance scheduling
// (Keras's ReduceLROnPlateau, with its defaults). Use a pointer. The model keeps the rate after the Fit.
type ReduceLROnPlateau struct {
	Monitor          // MinDelta: zero means 1e-4
	Factor   float64 // 0 to 1 exclusive; zero means 0.1
	Patience int     // epochs; zero means 10
	Cooldown int     // epochs after a reduction in which none is counted
	MinLR    float64 // the rate goes no lower
	watch    Monitor // Monitor with the defaults
	waited   int
	cooling  int // epochs left
}

// RunBegin implements RunBeginner.
func (c *ReduceLROnPlateau) RunBegin(*Model, Fit) error {
	if !(c.Factor >= 0 && c.Factor < 1) {
		return fmt.Errorf("factor is %v, want 0 to 1 exclusive", c.Factor)
	}
	if c.Patience < 0 || c.Cooldown < 0 || !(c.MinDelta >= 0) || !(c.MinLR >= 0) {
		return fmt.Errorf("patience is %d, cooldown %d, min delta %v and min LR %v, want at least 0", c.Patience, c.Cooldown, c.MinDelta, c.MinLR)
	}
	c.watch = Monitor{Score: c.Score, MinDelta: c.MinDelta, Maximize: c.Maximize}
	if c.MinDelta == 0 {
		c.watch.MinDelta = 1e-4
	}
	c.waited, c.cooling = 0, 0
	return nil
}

// EpochEnd implements EpochEnder.
func (c *ReduceLROnPlateau) EpochEnd(m *Model, e Epoch) error {
	better, err := c.watch.improves(e)
	if err != nil {
		return err
	}
	if c.cooling > 0 {
		c.cooling--
		c.waited = 0
	}
	switch {
	case better:
		c.waited = 0
	case c.cooling == 0:
		if c.waited++; c.waited >= c.patience() {
			c.waited, c.cooling = 0, c.Cooldown
			return c.reduce(m)
		}
	}
	return nil
}

func (c *ReduceLROnPlateau) patience() int {
	if c.Patience == 0 {
		return 10
	}
	return c.Patience
}

func (c *ReduceLROnPlateau) reduce(m *Model) error {
	rate, factor := m.LearningRate(), c.Factor
	if factor == 0 {
		factor = 0.1
	}
	if rate <= c.MinLR {
		return nil
	}
	return m.SetLearningRate(max(rate*factor, c.MinLR))
}
