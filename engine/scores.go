package engine

import (
	"fmt"

	"github.com/gradus-ml/gradus/engine/graph"
	"github.com/gradus-ml/gradus/engine/loss"
	"github.com/gradus-ml/gradus/engine/metric"
	"github.com/gradus-ml/gradus/engine/ops"
)

// Output says how one output of a network with several is trained and measured.
type Output struct {
	Loss    loss.Loss
	Weight  float32 // of its loss in the sum of all, more than 0; zero means 1
	Metrics []metric.Metric
}

// weight returns the weight with its default.
func (o Output) weight() float32 {
	if o.Weight == 0 {
		return 1
	}
	return o.Weight
}

// outputsOf says it for each output of the network. Without Training.Outputs, all have the same loss and metrics.
func (m *Model) outputsOf() []Output {
	if len(m.training.Outputs) > 0 {
		return m.training.Outputs
	}
	list := make([]Output, len(m.net.OutputShapes()))
	for i := range list {
		list[i] = Output{Loss: m.training.Loss, Metrics: m.training.Metrics}
	}
	return list
}

// score is a number that is made of sums over a data set: what it is called, and how many sums it takes.
type score struct {
	name  string
	width int
	// result makes the number of the sums and the number of examples; nil means the mean of one sum.
	result func(sums []float64, examples int) float64
}

// of makes the number.
func (s score) of(sums []float64, examples int) float64 {
	if s.result == nil {
		return sums[0] / float64(examples)
	}
	return s.result(sums, examples)
}

// tallied is a score with the values that are summed: [n] or [n width].
type tallied struct {
	score
	values *graph.Tensor
}

func meanOf(name string, values *graph.Tensor) tallied {
	return tallied{score{name: name, width: 1}, values}
}

// recordScores records forward, losses with all regularisers, and metrics, and returns what to tally, the loss first.
func (m *Model) recordScores(r *graph.Recorder, b batch) []tallied {
	ys, _ := m.net.Record(r, b.inputs...)
	return m.recordScoresOf(r, b, ys)
}

func (m *Model) recordScoresOf(r *graph.Recorder, b batch, ys []*graph.Tensor) []tallied {
	var losses, metrics []tallied
	var total *graph.Tensor
	for i, o := range m.outputsOf() {
		prefix := ""
		if len(ys) > 1 {
			prefix = m.net.OutputNames()[i] + "_"
		}
		own := m.recordLoss(r, o.Loss, ys[i], b.answer(i), b)
		losses = append(losses, meanOf(prefix+"loss", own))
		total = added(r, total, o.weight(), own)
		for _, metric := range o.Metrics {
			r.Part(prefix + metric.Name())
			metrics = append(metrics, recordMetric(r, metric, prefix, ys[i], b.answer(i)))
		}
	}
	if len(losses) == 1 {
		losses = nil
	}
	r.Part("the loss")
	all := append([]tallied{meanOf("loss", r.Penalised(total))}, losses...)
	return append(all, metrics...)
}

// added returns sum + weight·next, with no sum at first.
func added(r *graph.Recorder, sum *graph.Tensor, weight float32, next *graph.Tensor) *graph.Tensor {
	switch {
	case sum == nil && weight == 1:
		return next
	case sum == nil:
		return graph.WeightedSum(r, weight, next, 0, next)
	}
	return graph.WeightedSum(r, 1, sum, weight, next)
}

// recordLoss records the loss of each example, times its weight.
func (m *Model) recordLoss(r *graph.Recorder, l loss.Loss, y, answers *graph.Tensor, b batch) *graph.Tensor {
	r.Part("the loss")
	values := l.Record(r, y, answers)
	if values.Size() != b.rows {
		r.Fail("loss: %s: %d values for %d examples, want one for each", l.Name(), values.Size(), b.rows)
		return values
	}
	if b.weights != nil {
		values = graph.Combine(r, ops.Product, values, b.weights)
	}
	return values
}

// recordMetric records what a metric sums.
func recordMetric(r *graph.Recorder, m metric.Metric, prefix string, y, answers *graph.Tensor) tallied {
	t := meanOf(prefix+m.Name(), m.Record(r, y, answers))
	if shape := t.values.Shape(); len(shape) == 2 {
		t.width = shape[1]
	} else if len(shape) != 1 {
		r.Fail("metric: %s: values are %v, want [batch] or [batch sums]", m.Name(), shape)
	}
	s, ok := m.(metric.Summary)
	switch {
	case ok:
		t.result = s.Result
	case t.width > 1:
		r.Fail("metric: %s: %d sums and no method Result", m.Name(), t.width)
	}
	return t
}

// checkOutputs refuses what is said for another number of outputs, or incompletely.
func (m *Model) checkOutputs() error {
	outputs := len(m.net.OutputShapes())
	if n := len(m.training.Outputs); n > 0 && n != outputs {
		return fmt.Errorf("Training.Outputs has %d elements, want %d, one for each output of the network", n, outputs)
	}
	for i, o := range m.training.Outputs {
		if o.Loss == nil {
			return fmt.Errorf("Training.Outputs[%d].Loss is missing", i)
		}
		if !(o.Weight >= 0 && o.Weight <= maxWeight) {
			return fmt.Errorf("Training.Outputs[%d].Weight is %v, want more than 0, at most %v, or 0 for 1", i, o.Weight, float32(maxWeight))
		}
		for _, metric := range o.Metrics {
			if metric == nil {
				return fmt.Errorf("Training.Outputs[%d].Metrics holds a nil", i)
			}
		}
	}
	return nil
}

// maxWeight refuses what can only be a slip.
const maxWeight = 1e6

// names lists the scores' names, the loss first.
func (m *Model) names() []string {
	var names []string
	for _, s := range m.scores {
		names = append(names, s.name)
	}
	return names
}

// widthOf returns how many sums the scores take together.
func widthOf(scores []score) int {
	n := 0
	for _, s := range scores {
		n += s.width
	}
	return n
}
