package engine

import (
	"time"
)

// Scores are the mean loss and the metrics over a data set, by name: "loss", "accuracy". Of a network with several outputs there are
// besides the loss of each and its metrics, after the name of its layer: "main_loss", "main_accuracy".
type Scores map[string]float64

// Epoch is what one pass over the training set gave.
type Epoch struct {
	Number     int       `json:"epoch"` // from 1, over all calls of Fit
	Scores     Scores    `json:"scores"`
	Validation Scores    `json:"validation,omitempty"`
	StepLosses []float64 `json:"-"` // mean loss of each step's batch, before its update
	Steps      int       `json:"steps"`
	// LearningRate is that of the first step.
	LearningRate float64 `json:"learning_rate"`
	// Complete is false for an epoch that the context cut short; its scores are those of the steps made.
	Complete bool          `json:"complete"`
	Duration time.Duration `json:"duration_ns"` // of the training steps, validation excluded
}

// StepsPerSecond returns the speed of the epoch's training steps.
func (e Epoch) StepsPerSecond() float64 {
	if e.Duration <= 0 {
		return 0
	}
	return float64(e.Steps) / e.Duration.Seconds()
}

// History is what Fit did, epoch by epoch.
type History struct {
	Epochs []Epoch `json:"epochs"`
	// Failures are those of devices after which the training went on, on Fit.Fallback.
	Failures []*Failure `json:"-"`
}

// Last returns the last epoch, or a zero one.
func (h *History) Last() Epoch {
	if len(h.Epochs) == 0 {
		return Epoch{}
	}
	return h.Epochs[len(h.Epochs)-1]
}

// Column returns a score of every epoch that has it. The name is as Keras's: "loss", "accuracy", "val_loss", "val_accuracy".
func (h *History) Column(name string) []float64 {
	var column []float64
	for _, e := range h.Epochs {
		scores, key := e.Scores, name
		if len(name) > 4 && name[:4] == "val_" {
			scores, key = e.Validation, name[4:]
		}
		if v, ok := scores[key]; ok {
			column = append(column, v)
		}
	}
	return column
}

// tally adds up the ledger's rows in float64.
type tally struct {
	scores []score
	sums   []float64
	losses []float64 // mean loss of each step
}

func newTally(scores []score) *tally {
	return &tally{scores: scores, sums: make([]float64, widthOf(scores))}
}

// add takes the rows of the steps that took the given numbers of examples.
func (t *tally) add(rows []float64, examples func(step int) int) {
	columns := len(t.sums)
	for i := 0; i+columns <= len(rows); i += columns {
		for j, v := range rows[i : i+columns] {
			t.sums[j] += v
		}
		t.losses = append(t.losses, rows[i]/float64(examples(len(t.losses))))
	}
}

// result returns the scores over n examples.
func (t *tally) result(n int) Scores {
	s, at := Scores{}, 0
	for _, score := range t.scores {
		s[score.name] = score.of(t.sums[at:at+score.width], n)
		at += score.width
	}
	return s
}
