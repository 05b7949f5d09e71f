package events

import (
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/gradus-ml/gradus/engine"
)

// TensorBoard is a callback that writes event files, with the names, folders and tags of Keras's TensorBoard: after each epoch, under its number, "epoch_loss" and the other
// scores, those of training to the folder train and those of validation to validation, "epoch_learning_rate" and "epoch_steps_per_second"; the graph when
// training begins. Use a pointer. Each Fit begins new files.
type TensorBoard struct {
	LogDir        string // empty means "logs"
	HistogramFreq int    // epochs between histograms of the variables and their gradients, "dense/kernel" and "dense/kernel/gradient"; 0 means none
	UpdateFreq    int    // steps between "batch_loss" and "batch_learning_rate", under the number of the step over all calls of Fit; 0 means none
	NoGraph       bool   // leave the graph out
	train         *Writer
	validation    *Writer
}

// RunBegin implements engine.RunBeginner.
func (c *TensorBoard) RunBegin(m *engine.Model, fit engine.Fit) (err error) {
	if c.HistogramFreq < 0 || c.UpdateFreq < 0 {
		return fmt.Errorf("histogram freq is %d and update freq %d, want at least 0", c.HistogramFreq, c.UpdateFreq)
	}
	if c.train, err = Create(c.folder("train")); err != nil {
		return err
	}
	if fit.Validation != nil {
		if c.validation, err = Create(c.folder("validation")); err != nil {
			return err
		}
	}
	if !c.NoGraph {
		err = c.train.Graph(m.Network())
	}
	return errors.Join(err, c.train.Flush())
}

func (c *TensorBoard) folder(name string) string {
	if c.LogDir == "" {
		return filepath.Join("logs", name)
	}
	return filepath.Join(c.LogDir, name)
}

// StepsEnd implements engine.StepWatcher.
func (c *TensorBoard) StepsEnd(_ *engine.Model, s engine.Steps) error {
	if c.UpdateFreq == 0 {
		return nil
	}
	for i, loss := range s.Losses {
		number := s.Number + i + 1
		if number%c.UpdateFreq != 0 {
			continue
		}
		if err := errors.Join(c.train.Scalar("batch_loss", number, loss), c.train.Scalar("batch_learning_rate", number, s.Rates[i])); err != nil {
			return err
		}
	}
	return c.train.Flush()
}

// EpochEnd implements engine.EpochEnder.
func (c *TensorBoard) EpochEnd(m *engine.Model, e engine.Epoch) error {
	err := errors.Join(scores(c.train, e.Number, e.Scores),
		c.train.Scalar("epoch_learning_rate", e.Number, e.LearningRate), c.train.Scalar("epoch_steps_per_second", e.Number, e.StepsPerSecond()))
	if c.validation != nil {
		err = errors.Join(err, scores(c.validation, e.Number, e.Validation), c.validation.Flush())
	}
	if c.HistogramFreq > 0 && e.Number%c.HistogramFreq == 0 {
		err = errors.Join(err, c.histograms(m, e.Number))
	}
	return errors.Join(err, c.train.Flush())
}

func scores(w *Writer, epoch int, s engine.Scores) (err error) {
	for _, name := range slices.Sorted(maps.Keys(s)) {
		err = errors.Join(err, w.Scalar("epoch_"+name, epoch, s[name]))
	}
	return err
}

func (c *TensorBoard) histograms(m *engine.Model, epoch int) error {
	for _, v := range m.Variables() {
		values, err := m.Value(v.Name)
		if err == nil {
			err = c.train.Histogram(v.Name, epoch, values)
		}
		if err == nil && v.Trainable {
			if values, err = m.Gradient(v.Name); err == nil {
				err = c.train.Histogram(v.Name+"/gradient", epoch, values)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// RunEnd implements engine.RunEnder.
func (c *TensorBoard) RunEnd(*engine.Model, *engine.History) (err error) {
	for _, w := range []*Writer{c.train, c.validation} {
		if w != nil {
			err = errors.Join(err, w.Close())
		}
	}
	c.train, c.validation = nil, nil
	return err
}
