package engine

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
)

// JSONLogger writes JSON lines: an object for each epoch, with its number, seconds, learning rate and scores as in History.Column,
//
//	{"epoch":1,"seconds":0.81,"steps":1719,"learning_rate":0.01,"loss":0.52,"accuracy":0.81,"val_loss":0.43}
//
// and, with UpdateFreq, an object for each so many steps, of which "step" is the number over all calls of Fit, from 1:
//
//	{"step":100,"epoch":1,"learning_rate":0.01,"batch_loss":0.61}
//
// What is no finite number is null. Use a pointer.
type JSONLogger struct {
	W          io.Writer
	UpdateFreq int // steps between lines; 0 means none
}

// RunBegin implements RunBeginner.
func (c *JSONLogger) RunBegin(*Model, Fit) error {
	switch {
	case c.W == nil:
		return fmt.Errorf("W is missing")
	case c.UpdateFreq < 0:
		return fmt.Errorf("update freq is %d, want at least 0", c.UpdateFreq)
	}
	return nil
}

// StepsEnd implements StepWatcher.
func (c *JSONLogger) StepsEnd(_ *Model, s Steps) error {
	if c.UpdateFreq == 0 {
		return nil
	}
	for i, loss := range s.Losses {
		number := s.Number + i + 1
		if number%c.UpdateFreq != 0 {
			continue
		}
		if err := c.write(map[string]any{"step": number, "epoch": s.Epoch, "learning_rate": finite(s.Rates[i]), "batch_loss": finite(loss)}); err != nil {
			return err
		}
	}
	return nil
}

// EpochEnd implements EpochEnder.
func (c *JSONLogger) EpochEnd(_ *Model, e Epoch) error {
	line := map[string]any{"epoch": e.Number, "seconds": e.Duration.Seconds(), "steps": e.Steps, "learning_rate": finite(e.LearningRate)}
	for name, v := range e.Scores {
		line[name] = finite(v)
	}
	for name, v := range e.Validation {
		line["val_"+name] = finite(v)
	}
	return c.write(line)
}

func (c *JSONLogger) write(line map[string]any) error {
	text, err := json.Marshal(line)
	if err == nil {
		_, err = c.W.Write(append(text, '\n'))
	}
	return err
}

// finite is nil for what JSON cannot hold.
func finite(v float64) any {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return v
}
