package engine

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/data"
	"github.com/gradus-ml/gradus/engine/graph"
	"github.com/gradus-ml/gradus/engine/nn"
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
// Szegedy (2015) and Pascanu et al. (2013) would try. The statistics are computed in float64 from outputs and
// gradients that are read back; batches are of 256 examples, and what remains behind the last is left out.
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
	if err := m.checkSet(set, true); err != nil {
		return nil, err
	}
	p, err := newPass(m.dev, set, min(scoringBatch, set.Len()), true)
	if err != nil {
		return nil, err
	}
	defer p.release()
	probe := &probe{model: m, batch: p.rows}
	if err := p.compile(m.store, graph.Training, 0, probe.record); err != nil {
		return nil, err
	}
	for range p.steps {
		if err = ctx.Err(); err == nil {
			err = p.full.Run(1)
		}
		if err == nil {
			err = probe.read()
		}
		if err != nil {
			break
		}
	}
	if restored := m.setWeights(weights); err == nil {
		err = restored
	}
	return probe.result(p.steps * p.rows), err
}

// probe collects the statistics of a recorded step.
type probe struct {
	model   *Model
	batch   int
	outputs []*graph.Tensor
	stats   []layerStats
}

// layerStats are sums over what was read of one layer.
type layerStats struct {
	n, sum, squares   float64
	alive             []bool
	gradients, gradN  float64
	weights, weightsN float64
	variables         []*graph.Variable
}

// record records a training step without the update, and keeps what every layer gives.
func (p *probe) record(r *graph.Recorder, b batch) []tallied {
	ys, byLayer := p.model.net.Record(r, b.inputs...)
	p.outputs = byLayer
	r.BackwardMean(p.model.recordScoresOf(r, b, ys)[0].values)
	for i, l := range p.model.net.Layers() {
		r.Keep(p.outputs[i])
		r.KeepGrad(p.outputs[i])
		s := layerStats{alive: make([]bool, graph.Size(l.Out))}
		for _, v := range l.Variables {
			if r.Err() == nil && r.Trains(v) {
				s.variables = append(s.variables, v)
			}
		}
		p.stats = append(p.stats, s)
	}
	return nil
}

// read adds what the last step left on the device.
func (p *probe) read() error {
	for i := range p.stats {
		s := &p.stats[i]
		outputs, err := p.values(p.outputs[i].Value())
		if err != nil {
			return err
		}
		for j, v := range outputs {
			s.n, s.sum, s.squares = s.n+1, s.sum+v, s.squares+v*v
			s.alive[j%len(s.alive)] = s.alive[j%len(s.alive)] || v != 0
		}
		if grad, ok := p.outputs[i].Grad(); ok {
			if err := p.square(grad, &s.gradients, &s.gradN); err != nil {
				return err
			}
		}
		for _, v := range s.variables {
			if err := p.square(p.model.store.Grad(v), &s.weights, &s.weightsN); err != nil {
				return err
			}
		}
	}
	return nil
}

// square adds the squares of a region's values and their number.
func (p *probe) square(region backend.Region, squares, n *float64) error {
	values, err := p.values(region)
	for _, v := range values {
		*squares += v * v
	}
	*n += float64(len(values))
	return err
}

func (p *probe) values(region backend.Region) ([]float64, error) {
	raw := make([]float32, region.Len)
	if err := backend.Download(p.model.dev, raw, region); err != nil {
		return nil, err
	}
	values := make([]float64, len(raw))
	for i, v := range raw {
		values[i] = float64(v)
	}
	return values, nil
}

func (p *probe) result(examples int) *Diagnosis {
	d := &Diagnosis{Examples: examples}
	for i, l := range p.model.net.Layers() {
		s := p.stats[i]
		mean := s.sum / s.n
		dead := 0.0
		for _, alive := range s.alive {
			if !alive {
				dead += 1 / float64(len(s.alive))
			}
		}
		d.Layers = append(d.Layers, LayerDiagnosis{Name: l.Name, Type: nn.TypeOf(l.Layer),
			Mean: mean, StdDev: math.Sqrt(math.Max(s.squares/s.n-mean*mean, 0)), Dead: dead,
			OutputGradient: math.Sqrt(s.gradients/math.Max(s.gradN, 1)) * float64(p.batch),
			WeightGradient: math.Sqrt(s.weights / math.Max(s.weightsN, 1)), trained: len(s.variables) > 0})
	}
	return d
}

// judge adds the findings.
func (d *Diagnosis) judge() {
	var trained []LayerDiagnosis
	for _, l := range d.Layers {
		switch bad := l.Mean + l.StdDev + l.OutputGradient + l.WeightGradient; {
		case math.IsNaN(bad) || math.IsInf(bad, 0):
			d.find("%s: outputs or gradients are not finite: try a smaller learning rate, clipped gradients, or scaled inputs", l.Name)
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
