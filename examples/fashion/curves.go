package main

import (
	"fmt"

	"github.com/gradus-ml/gradus/engine"
	"github.com/gradus-ml/gradus/engine/plot"
)

// drawCurves draws loss and accuracy, in training and validation, over the epochs. An empty name means no file.
func drawCurves(history *engine.History, name string) error {
	if name == "" || len(history.Epochs) == 0 {
		return nil
	}
	if err := plot.LearningCurves(history).Save(name); err != nil {
		return err
	}
	fmt.Println("learning curves:", name)
	return nil
}
