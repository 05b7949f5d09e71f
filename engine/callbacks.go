package engine

import (
	"encoding/csv"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/gradus-ml/gradus/engine/nn"
)

// A Monitor watches one score from epoch to epoch.
type Monitor struct {
	Score    string  // "val_loss", "accuracy", as in History.Column; empty means "val_loss"
	MinDelta float64 // a change of at most this is no improvement
	Maximize bool    // larger is better; so it is, without being said, for accuracies, AUC, precision, recall, F1 and R2
	best     float64
	seen     bool
}

func (m *Monitor) name() string {
	if m.Score == "" {
		return "val_loss"
	}
	return m.Score
}

// improves reads the epoch's score and reports whether it is the best so far. NaN never is.
func (m *Monitor) improves(e Epoch) (bool, error) {
	column := (&History{Epochs: []Epoch{e}}).Column(m.name())
	if len(column) == 0 {
		return false, fmt.Errorf("epoch %d has no score %q: it has %s", e.Number, m.name(), strings.Join(e.names(), ", "))
	}
	gain := m.best - column[0]
	if m.Maximize || m.rises() {
		gain = -gain
	}
	if math.IsNaN(column[0]) || m.seen && !(gain > m.MinDelta) {
		return false, nil
	}
	m.best, m.seen = column[0], true
	return true, nil
}

// ascending are the ends of the names of scores that are better when larger, among those of package metric.
var ascending = []string{"accuracy", "auc", "precision", "recall", "f1_score", "r2_score"}

func (m *Monitor) rises() bool {
	return slices.ContainsFunc(ascending, func(end string) bool { return strings.HasSuffix(m.name(), end) })
}

func (m *Monitor) reset() { m.best, m.seen = 0, false }

// names lists the epoch's scores as History.Column calls them.
func (e Epoch) names() []string {
	var names []string
	for name := range e.Scores {
		names = append(names, name)
	}
	for name := range e.Validation {
		names = append(names, "val_"+name)
	}
	slices.Sort(names)
	return names
}

// EarlyStopping ends the training when a score has not improved for Patience epochs (Keras's EarlyStopping). Use a pointer.
type EarlyStopping struct {
	Monitor
	Patience           int  // epochs; zero stops at the first that does not improve
	RestoreBestWeights bool // give the model the values it had after the best epoch
	StoppedEpoch       int  // which epoch was the last because of it; zero if it did not stop
	waited             int
	weights            nn.Weights
}

// RunBegin implements RunBeginner.
func (c *EarlyStopping) RunBegin(*Model, Fit) error {
	if c.Patience < 0 || !(c.MinDelta >= 0) {
		return fmt.Errorf("patience is %d and min delta %v, want at least 0", c.Patience, c.MinDelta)
	}
	c.reset()
	c.waited, c.StoppedEpoch, c.weights = 0, 0, nil
	return nil
}

// EpochEnd implements EpochEnder.
func (c *EarlyStopping) EpochEnd(m *Model, e Epoch) (err error) {
	better, err := c.improves(e)
	switch {
	case err != nil:
		return err
	case better:
		c.waited = 0
		if c.RestoreBestWeights {
			c.weights, err = m.weights()
		}
		return err
	}
	if c.waited++; c.waited > c.Patience {
		c.StoppedEpoch = e.Number
		return Stop
	}
	return nil
}

// RunEnd implements RunEnder.
func (c *EarlyStopping) RunEnd(m *Model, _ *History) error {
	weights := c.weights
	c.weights = nil
	return m.setWeights(weights)
}

// Checkpoint saves the model after each epoch, or only after those in which the score is the best so far (Keras's ModelCheckpoint). Use a
// pointer. To go on with a training that was killed, use BackupAndRestore.
//
//	&engine.Checkpoint{Path: "best.safetensors", BestOnly: true}
//	&engine.Checkpoint{Path: "{epoch:02d}-{val_loss:.2f}.safetensors"}
type Checkpoint struct {
	Monitor
	BestOnly    bool
	Path        string                        // where Model.Save writes; the number of the epoch and its scores are put into it
	WeightsOnly bool                          // Model.SaveWeights writes instead
	Save        func(m *Model, e Epoch) error // is called in place of these, if there is no Path
}

// RunBegin implements RunBeginner.
func (c *Checkpoint) RunBegin(*Model, Fit) error {
	if (c.Save == nil) == (c.Path == "") {
		return fmt.Errorf("want either Path or Save")
	}
	c.reset()
	return nil
}

// EpochEnd implements EpochEnder.
func (c *Checkpoint) EpochEnd(m *Model, e Epoch) error {
	if c.BestOnly {
		if better, err := c.improves(e); err != nil || !better {
			return err
		}
	}
	return c.save(m, e)
}

func (c *Checkpoint) save(m *Model, e Epoch) error {
	if c.Save != nil {
		return c.Save(m, e)
	}
	path, err := pathOf(c.Path, e)
	if err != nil {
		return err
	}
	if c.WeightsOnly {
		return m.SaveWeights(path)
	}
	return m.Save(path)
}

// TerminateOnNaN ends the training with an error when the loss of a step is NaN or infinite (Keras's TerminateOnNaN). The error names the
// first operation that gave such a number, and the layer it belongs to: the steps are made again from a copy of the values that is
// kept on the device, one operation at a time. The model is left as it was before the step that went wrong.
type TerminateOnNaN struct{}

// StepsEnd implements StepWatcher.
func (TerminateOnNaN) StepsEnd(m *Model, s Steps) error {
	for i, loss := range s.Losses {
		if !math.IsNaN(loss) && !math.IsInf(loss, 0) {
			continue
		}
		origin, err := m.tracer.origin(s.First + i)
		if err != nil {
			return fmt.Errorf("the loss of step %d of epoch %d is %v; looking for its origin: %w", s.First+i, s.Epoch, loss, err)
		}
		return fmt.Errorf("the loss of step %d of epoch %d is %v: %s (a smaller learning rate, clipped gradients or scaled inputs may help)",
			s.First+i, s.Epoch, loss, origin)
	}
	return nil
}

// traces asks Fit for what it takes to name the operation.
func (TerminateOnNaN) traces() {}

// CSVLogger writes a line for each epoch: its number, seconds and scores. The first line names the columns. Use a pointer.
type CSVLogger struct {
	W       io.Writer
	columns []string
}

// RunBegin implements RunBeginner.
func (c *CSVLogger) RunBegin(*Model, Fit) error {
	if c.W == nil {
		return fmt.Errorf("W is missing")
	}
	c.columns = nil
	return nil
}

// EpochEnd implements EpochEnder.
func (c *CSVLogger) EpochEnd(_ *Model, e Epoch) error {
	w := csv.NewWriter(c.W)
	if c.columns == nil {
		c.columns = e.names()
		if err := w.Write(append([]string{"epoch", "seconds"}, c.columns...)); err != nil {
			return err
		}
	}
	line := []string{strconv.Itoa(e.Number), strconv.FormatFloat(e.Duration.Seconds(), 'f', 3, 64)}
	for _, name := range c.columns {
		v := (&History{Epochs: []Epoch{e}}).Column(name)
		line = append(line, strconv.FormatFloat(v[0], 'g', -1, 64))
	}
	if err := w.Write(line); err != nil {
		return err
	}
	w.Flush()
	return w.Error()
}
