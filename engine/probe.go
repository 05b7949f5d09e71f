package engine

import (
	"math"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/graph"
	"github.com/gradus-ml/gradus/engine/nn"
)

// probe collects the statistics of recorded steps on the device: sums in the ledger, one row a step, and the peaks of units.
type probe struct {
	model  *Model
	batch  int
	layers []layerStats
	sums   []*float64 // what each column of the ledger is added to
}

// layerStats are sums over what flowed through one layer.
type layerStats struct {
	sum                         float64 // of the outputs
	outputs, gradients, weights squares
	peak                        *graph.Tensor // the largest magnitude of each unit
	trained                     bool
}

// squares is a sum of squares, and of how many numbers each step adds theirs.
type squares struct {
	sum float64
	n   int
}

// mean is the mean square after so many steps; 0 of nothing.
func (s squares) mean(steps int) float64 { return s.sum / float64(max(s.n*steps, 1)) }

func (m *Model) newProbe(batch int) *probe {
	return &probe{model: m, batch: batch, layers: make([]layerStats, len(m.net.Layers()))}
}

// columns returns how many sums a step has at most.
func (p *probe) columns() int {
	n := 0
	for _, l := range p.model.net.Layers() {
		n += 3 + len(l.Variables)
	}
	return n
}

// record records a training step without the update, and what is summed of every layer.
func (p *probe) record(r *graph.Recorder, b batch) []tallied {
	ys, byLayer := p.model.net.Record(r, b.inputs...)
	r.BackwardMean(p.model.recordScoresOf(r, b, ys)[0].values)
	r.Part("the diagnosis")
	if r.Err() != nil {
		return nil
	}
	var list []tallied
	for i, y := range byLayer {
		l := &p.layers[i]
		l.peak = graph.Peak(r, y)
		list = append(list, p.tally(&l.sum, graph.Reshape(r, y, y.Size())), p.tallySquares(r, &l.outputs, y.Value()))
		if dy, ok := y.Grad(); ok {
			list = append(list, p.tallySquares(r, &l.gradients, dy))
		}
		for _, v := range p.model.net.Layers()[i].Variables {
			if r.Trains(v) {
				l.trained = true
				list = append(list, p.tallySquares(r, &l.weights, p.model.store.Grad(v)))
			}
		}
	}
	return list
}

// tally has the values of each step added to a sum.
func (p *probe) tally(sum *float64, values *graph.Tensor) tallied {
	p.sums = append(p.sums, sum)
	return meanOf("", values)
}

func (p *probe) tallySquares(r *graph.Recorder, s *squares, x backend.Region) tallied {
	s.n += x.Len
	return p.tally(&s.sum, graph.SumOfSquares(r, x))
}

// add adds rows of the ledger.
func (p *probe) add(_ int, rows []float64) error {
	columns := p.columns()
	for i, v := range rows {
		if at := i % columns; at < len(p.sums) {
			*p.sums[at] += v
		}
	}
	return nil
}

// result makes the diagnosis of what so many steps left on the device.
func (p *probe) result(steps int) (*Diagnosis, error) {
	d := &Diagnosis{Examples: steps * p.batch}
	for i, l := range p.model.net.Layers() {
		s := p.layers[i]
		dead, err := p.dead(s.peak)
		if err != nil {
			return nil, err
		}
		mean := s.sum / float64(s.outputs.n*steps)
		d.Layers = append(d.Layers, LayerDiagnosis{Name: l.Name, Type: nn.TypeOf(l.Layer), Dead: dead, trained: s.trained,
			Mean: mean, StdDev: math.Sqrt(math.Max(s.outputs.mean(steps)-mean*mean, 0)),
			OutputGradient: math.Sqrt(s.gradients.mean(steps)) * float64(p.batch),
			WeightGradient: math.Sqrt(s.weights.mean(steps))})
	}
	return d, nil
}

// dead returns the share of units that have been 0 all the time.
func (p *probe) dead(peak *graph.Tensor) (float64, error) {
	peaks := make([]float32, peak.Size())
	if err := backend.Download(p.model.dev, peaks, peak.Value()); err != nil {
		return 0, err
	}
	dead := 0
	for _, v := range peaks {
		if v == 0 {
			dead++
		}
	}
	return float64(dead) / float64(len(peaks)), nil
}
