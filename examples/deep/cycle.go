package main

import (
	"fmt"

	"github.com/gradus-ml/gradus/engine"
	"github.com/gradus-ml/gradus/engine/optim"
	"github.com/gradus-ml/gradus/engine/plot"
)

// batchSize is that of all variants.
const batchSize = 64

// optimizer is that of a variant. One that is trained by one cycle is first tested for how large a rate it takes.
func (x *experiment) optimizer(v variant) (optim.Optimizer, error) {
	fixed := optim.SGD{LearningRate: v.rate, Momentum: 0.9, Nesterov: true}
	if !v.cycle {
		return fixed, nil
	}
	m, err := x.compileWith(v, fixed)
	if err != nil {
		return nil, err
	}
	defer m.Close()
	curve, err := m.FindLearningRate(x.ctx, x.train, engine.RangeTest{Steps: x.rangeSteps, BatchSize: batchSize})
	if err != nil {
		return nil, err
	}
	fmt.Printf("  %s: the loss turns at a rate of %.2g; one cycle up to %.2g\n", v.name, curve.Turning, curve.CycleMax)
	steps := (x.train.Len() + batchSize - 1) / batchSize * x.epochs
	cycle := optim.OneCycle{Max: curve.CycleMax, Steps: steps}
	return optim.SGD{Schedule: cycle, MomentumSchedule: cycle.Momentum(), Nesterov: true}, x.drawRates(curve)
}

func (x *experiment) drawRates(curve *engine.RateCurve) error {
	if x.rates == "" {
		return nil
	}
	if err := plot.RateCurve(curve).Save(x.rates); err != nil {
		return err
	}
	fmt.Println("  drawn:", x.rates)
	return nil
}
