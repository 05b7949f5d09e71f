package main

import (
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"

	"github.com/gradus-ml/gradus/engine"
)

// drawCurves draws loss and accuracy, in training and validation, over the epochs. An empty name means no file.
func drawCurves(history *engine.History, name string) error {
	if name == "" || len(history.Epochs) == 0 {
		return nil
	}
	p := plot.New()
	p.Title.Text = "Fashion-MNIST"
	p.X.Label.Text = "epoch"
	p.Y.Min = 0
	p.Legend.XOffs, p.Legend.YOffs = -vg.Points(8), vg.Points(8)
	p.Add(plotter.NewGrid())
	var lines []any
	for _, column := range []string{"loss", "val_loss", "accuracy", "val_accuracy"} {
		if list := points(history.Column(column)); len(list) > 0 {
			lines = append(lines, column, list)
		}
	}
	if err := plotutil.AddLinePoints(p, lines...); err != nil {
		return fmt.Errorf("drawing %s: %w", name, err)
	}
	if err := p.Save(7*vg.Inch, 5*vg.Inch, name); err != nil {
		return fmt.Errorf("drawing %s: %w", name, err)
	}
	fmt.Println("learning curves:", name)
	return nil
}

// points leaves out what cannot be drawn: the losses of a run that diverged.
func points(column []float64) plotter.XYs {
	var list plotter.XYs
	for i, v := range column {
		if finite(v) != nil {
			list = append(list, plotter.XY{X: float64(i + 1), Y: v})
		}
	}
	return list
}
