package engine

import (
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/graph"
	"github.com/gradus-ml/gradus/engine/ops"
)

// rehearse records a training step on its own and throws it away, so that what does not fit together is refused early.
// It returns what the step costs, less the gathering of its examples.
func (m *Model) rehearse(rows int) (backend.Cost, error) {
	r := graph.NewRecorder(m.store, graph.Training)
	defer r.Release()
	b := m.blank(r, rows)
	values := m.recordTraining(r, b)
	m.recordUpdate(r, m.blankRates(r), backend.Region{})
	m.scores = nil
	for _, v := range values {
		r.Keep(v.values)
		m.scores = append(m.scores, v.score)
	}
	return backend.CostOf(r.Ops()), r.Err()
}

// blank returns a batch of nothing in particular, with labels for the outputs whose loss and metrics take them, and targets for the others.
func (m *Model) blank(r *graph.Recorder, rows int) batch {
	b := batch{rows: rows, step: rows, inputs: m.blankInputs(r, rows)}
	for i, shape := range m.net.OutputShapes() {
		labelled, err := m.takesLabels(i)
		targeted := false
		if !labelled && err == nil {
			targeted, err = m.takes(i, targets)
		}
		if err != nil {
			r.Fail("graph: %w", err)
		}
		if targeted {
			b.answers = append(b.answers, targets(r, rows, shape))
			continue
		}
		b.answers = append(b.answers, r.Labels(rows))
	}
	return b
}

// blankRates are those of one step.
func (m *Model) blankRates(r *graph.Recorder) ops.Rates {
	columns := len(m.training.Optimizer.Rates(0, 1))
	return ops.Rates{Table: r.Input(false, columns).Value(), Clock: r.Labels(1).Value(), Steps: 1, Columns: columns}
}

func (m *Model) blankInputs(r *graph.Recorder, rows int) []*graph.Tensor {
	var inputs []*graph.Tensor
	for _, shape := range m.net.Inputs() {
		inputs = append(inputs, r.Input(false, append([]int{rows}, shape...)...))
	}
	return inputs
}

func targets(r *graph.Recorder, rows int, shape []int) *graph.Tensor {
	return r.Input(false, append([]int{rows}, shape...)...)
}

// takesLabels reports whether loss and metrics of an output can be recorded with labels: which they take shows only then.
func (m *Model) takesLabels(output int) (bool, error) {
	return m.takes(output, func(r *graph.Recorder, rows int, _ []int) *graph.Tensor { return r.Labels(rows) })
}

// takes reports whether loss and metrics of an output can be recorded with the answers. An error is the device's.
func (m *Model) takes(output int, answers func(r *graph.Recorder, rows int, shape []int) *graph.Tensor) (bool, error) {
	const rows = 2
	r := graph.NewRecorder(m.store, graph.Training)
	defer r.Release()
	ys, _ := m.net.Record(r, m.blankInputs(r, rows)...)
	if r.Err() != nil {
		return false, r.DeviceErr()
	}
	o, a := m.outputsOf()[output], answers(r, rows, m.net.OutputShapes()[output])
	m.recordLoss(r, o.Loss, ys[output], a, batch{rows: rows})
	for _, metric := range o.Metrics {
		recordMetric(r, metric, "", ys[output], a)
	}
	return r.Err() == nil, r.DeviceErr()
}
