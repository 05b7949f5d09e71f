package engine

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/gradus-ml/gradus/engine/data"
	"github.com/gradus-ml/gradus/engine/graph"
)

// LayerDiagnosis describes what flows through one layer in training, up and down.
type LayerDiagnosis struct {
	Name, Type     string
	Mean, StdDev   float64 // of its outputs
	Dead           float64 // share of its units, outputs of one example, that are 0 for every example
	OutputGradient float64 // root mean square of the loss's gradient with respect to its outputs, times the batch size
	WeightGradient float64 // root mean square of the gradient with respect to its trainable variables; 0 without any
	trained        bool
}

// Diagnosis is what Diagnose found.
type Diagnosis struct {
	Examples int
	Layers   []LayerDiagnosis
	Findings []string // what is unhealthy, and what to try; empty for a network without a finding
}

// The limits of what is called healthy.
const (
	deadShare     = 0.1  // of a layer's units
	gradientRatio = 1e-2 // between the weight gradients of the lowest and the highest layer, either way
)

// Diagnose runs training steps over the set without updating anything, and describes the outputs and gradients of every
// layer. It names layers that vanish, explode or are dead, and says what Glorot and Bengio (2010), He et al. (2015), Ioffe and
// Szegedy (2015) and Pascanu et al. (2013) would try. Everything is summed on the device, step by step in float32 and over the steps in float64:
// StdDev is good to about a thousandth of Mean, and what is larger than 1e18 counts as not finite. Batches are of 256 examples, and what
// remains behind the last is left out.
func (m *Model) Diagnose(ctx context.Context, set *data.Set) (*Diagnosis, error) {
	d, err := m.diagnose(given(ctx), set)
	if err != nil {
		return nil, fmt.Errorf("engine: diagnose: %w", err)
	}
	d.judge()
	return d, nil
}

func (m *Model) diagnose(ctx context.Context, set *data.Set) (d *Diagnosis, err error) {
	weights, err := m.weights() // moving averages move in training
	if err != nil {
		return nil, err
	}
	draws, err := m.draws() // and random numbers are drawn
	if err != nil {
		return nil, err
	}
	if err := m.checkSet(set, true); err != nil {
		return nil, err
	}
	p, err := newPass(m.dev, material{set: set}, min(scoringBatch, set.Len()), true)
	if err != nil {
		return nil, err
	}
	defer p.release()
	probe := m.newProbe(p.rows)
	if err := p.compile(m.store, graph.Training, probe.columns(), probe.record); err != nil {
		return nil, err
	}
	_, err = p.over(ctx, visit{report: probe.add})
	if err == nil {
		d, err = probe.result(p.steps)
	}
	return d, errors.Join(err, m.setWeights(weights), m.setDraws(draws))
}

// judge adds the findings.
func (d *Diagnosis) judge() {
	var trained []LayerDiagnosis
	for _, l := range d.Layers {
		switch bad := l.Mean + l.StdDev + l.OutputGradient + l.WeightGradient; {
		case math.IsNaN(bad) || math.IsInf(bad, 0):
			d.find("%s: outputs or gradients are not finite, or beyond 1e18: try a smaller learning rate, clipped gradients, or scaled inputs", l.Name)
		case l.Dead > deadShare && l.Type != "Flatten":
			d.find("%s: %.0f%% of its units are 0 for every example: dead units; try He initialisation, a smaller learning rate, LeakyReLU, ELU or SELU, or BatchNorm before the activation",
				l.Name, 100*l.Dead)
		}
		if l.trained && l.Type == "Dense" {
			trained = append(trained, l)
		}
	}
	if len(trained) < 2 {
		return
	}
	low, high := trained[0], trained[len(trained)-1]
	switch ratio := low.WeightGradient / high.WeightGradient; {
	case ratio < gradientRatio:
		d.find("%s: its gradient is %.2g of that of %s: vanishing gradients; try He initialisation with ReLU, ELU or Swish, SELU with LeCun initialisation, BatchNorm, or skip connections",
			low.Name, ratio, high.Name)
	case ratio > 1/gradientRatio:
		d.find("%s: its gradient is %.2g times that of %s: exploding gradients; try smaller initial weights, BatchNorm, or clipping by global norm",
			low.Name, ratio, high.Name)
	}
}

func (d *Diagnosis) find(format string, args ...any) {
	d.Findings = append(d.Findings, fmt.Sprintf(format, args...))
}

// String returns a table with a line for each layer, and the findings.
func (d *Diagnosis) String() string {
	var out strings.Builder
	fmt.Fprintf(&out, "%-28s %10s %10s %6s %12s %12s\n", "layer", "mean", "std dev", "dead", "output grad", "weight grad")
	for _, l := range d.Layers {
		fmt.Fprintf(&out, "%-28s %10.3g %10.3g %5.0f%% %12.3g %12.3g\n", l.Name, l.Mean, l.StdDev, 100*l.Dead, l.OutputGradient, l.WeightGradient)
	}
	for _, f := range d.Findings {
		fmt.Fprintln(&out, f)
	}
	return out.String()
}
