package main

import (
	"fmt"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"

	"github.com/gradus-ml/gradus/engine"
)

// gradients diagnoses fresh networks, prints what is wrong with them, and draws the gradient of every layer's weights.
func (x *experiment) gradients() error {
	fmt.Println("\ngradients before training")
	var lines []any
	for _, v := range drawn {
		d, err := x.diagnose(v)
		if err != nil {
			return fmt.Errorf("%s: %w", v.name, err)
		}
		first, last := depth(d)
		fmt.Printf("%-30s root mean square in the first hidden layer %.2g, in the last %.2g\n", v.name, first, last)
		for _, finding := range d.Findings {
			fmt.Println("  ", finding)
		}
		lines = append(lines, v.name, points(d))
	}
	return x.draw(lines)
}

func (x *experiment) diagnose(v variant) (*engine.Diagnosis, error) {
	v.rate = 0.01 // not used: nothing is trained
	m, err := x.compile(v)
	if err != nil {
		return nil, err
	}
	defer m.Close()
	return m.Diagnose(x.ctx, x.validation)
}

// points are the gradients of the kernels of the hidden layers, from the first to the last.
func points(d *engine.Diagnosis) plotter.XYs {
	var list plotter.XYs
	for _, l := range d.Layers {
		if strings.HasPrefix(l.Name, "dense") && l.WeightGradient > 0 {
			list = append(list, plotter.XY{X: float64(len(list) + 1), Y: l.WeightGradient})
		}
	}
	return list
}

func depth(d *engine.Diagnosis) (first, last float64) {
	list := points(d)
	if len(list) == 0 {
		return 0, 0
	}
	return list[0].Y, list[len(list)-1].Y
}

func (x *experiment) draw(lines []any) error {
	if x.plot == "" {
		return nil
	}
	p := plot.New()
	p.Title.Text = "Gradient of the weights before training"
	p.X.Label.Text, p.Y.Label.Text = "hidden layer", "root mean square"
	p.Y.Scale, p.Y.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: 1}
	p.Add(plotter.NewGrid())
	if err := plotutil.AddLinePoints(p, lines...); err != nil {
		return fmt.Errorf("drawing %s: %w", x.plot, err)
	}
	p.Legend.Top = false
	p.Legend.XOffs, p.Legend.YOffs = -vg.Points(8), vg.Points(8)
	if err := p.Save(7*vg.Inch, 5*vg.Inch, x.plot); err != nil {
		return fmt.Errorf("drawing %s: %w", x.plot, err)
	}
	fmt.Println("drawn:", x.plot)
	return nil
}
