package engine

import (
	"fmt"
	"strings"

	"github.com/gradus-ml/gradus/engine/nn"
)

// Summary is SummaryFor batches of 32.
func (m *Model) Summary() string { return m.SummaryFor(defaultBatch) }

// SummaryFor returns the table of layers that Keras prints, with the floating-point operations that each layer takes for an example in inference, and below it what an
// example takes in inference and in training, and the memory for training at the batch size, data sets apart (Model.Memory counts those too). FLOPs are
// those of the operations' formulas: an addition, a multiplication or a function each count one.
func (m *Model) SummaryFor(batch int) string {
	byLayer, inference, err := m.inferenceCost(batch)
	if err != nil || batch < 1 {
		return m.net.Summary()
	}
	cells := map[string]string{}
	for _, p := range m.net.Layers() {
		cells[p.Name] = count(perExample(byLayer[p.Name].FLOPs, batch))
	}
	var out strings.Builder
	out.WriteString(m.net.SummaryWith(nn.Column{Title: "FLOPs", Cells: cells}))
	training, err := m.StepCost(batch)
	if err != nil {
		return out.String()
	}
	fmt.Fprintf(&out, " FLOPs of an example: %s in inference, %s in training\n",
		count(perExample(inference.FLOPs, batch)), count(perExample(training.FLOPs, batch)))
	if memory, err := m.memoryOf(batch); err == nil {
		fmt.Fprintf(&out, " Memory for batches of %d: %v\n", batch, memory)
	}
	return out.String()
}

func perExample(n int64, batch int) float64 { return float64(n) / float64(batch) }

// count writes 470400 as 470 K.
func count(n float64) string { return strings.TrimSpace(inUnits(n, 1000, "", "K", "M", "G", "T")) }
