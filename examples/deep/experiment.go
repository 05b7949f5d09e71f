package main

import (
	"context"
	"fmt"

	"github.com/gradus-ml/gradus/engine"
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/data"
	"github.com/gradus-ml/gradus/engine/loss"
	"github.com/gradus-ml/gradus/engine/metric"
	"github.com/gradus-ml/gradus/engine/optim"
)

// mcPasses is how many predictions Monte Carlo dropout makes of each example.
const mcPasses = 20

// experiment is what every part of the comparison needs.
type experiment struct {
	options
	ctx                     context.Context
	dev                     backend.Backend
	train, validation, test *data.Set
	mean, variance          []float64
}

func (x *experiment) compile(v variant) (*engine.Model, error) {
	o, err := x.optimizer(v)
	if err != nil {
		return nil, err
	}
	return x.compileWith(v, o)
}

func (x *experiment) compileWith(v variant, o optim.Optimizer) (*engine.Model, error) {
	net := x.network(v)
	for _, warning := range net.Lint() {
		fmt.Println("note:", warning)
	}
	return engine.Compile(x.dev, net, engine.Training{
		Loss:      loss.SparseCategoricalCrossentropy{},
		Optimizer: o,
		Metrics:   []metric.Metric{metric.Accuracy{}},
		Seed:      x.seed,
	})
}

// compare trains every variant and prints a line for each.
func (x *experiment) compare() error {
	fmt.Printf("%-30s %10s %10s %10s %10s\n", "", "train", "validation", "test", "s/epoch")
	for _, v := range variants {
		if err := x.one(v); err != nil {
			return fmt.Errorf("%s: %w", v.name, err)
		}
	}
	return nil
}

func (x *experiment) one(v variant) error {
	m, err := x.compile(v)
	if err != nil {
		return err
	}
	defer m.Close()
	history, err := m.Fit(x.ctx, x.train, engine.Fit{Epochs: x.epochs, BatchSize: batchSize, Validation: x.validation,
		Callbacks: []engine.Callback{engine.TerminateOnNaN{}}})
	if err != nil {
		return err
	}
	scores, err := m.Evaluate(x.ctx, x.test)
	if err != nil {
		return err
	}
	seconds := 0.0
	for _, e := range history.Epochs {
		seconds += e.Duration.Seconds() / float64(len(history.Epochs))
	}
	last := history.Last()
	fmt.Printf("%-30s %10.4f %10.4f %10.4f %10.2f\n", v.name, last.Scores["accuracy"], last.Validation["accuracy"], scores["accuracy"], seconds)
	if v.mc {
		return x.monteCarlo(m)
	}
	return nil
}

// monteCarlo tests the mean of many random predictions.
func (x *experiment) monteCarlo(m *engine.Model) error {
	list, err := m.PredictMC(x.ctx, x.test, mcPasses)
	if err != nil {
		return err
	}
	right, deviation := 0.0, 0.0
	for i, u := range list {
		best := 0
		for c, p := range u.Mean {
			if p > u.Mean[best] {
				best = c
			}
		}
		if best == x.test.Labels[i] {
			right++
		}
		deviation += u.StdDev[best]
	}
	n := float64(len(list))
	fmt.Printf("%-30s %10s %10s %10.4f   the probabilities vary by %.3f\n", fmt.Sprintf("  the same, MC dropout × %d", mcPasses), "", "", right/n, deviation/n)
	return nil
}
