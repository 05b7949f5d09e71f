// Package plot draws what the engine found. It is apart from package engine, so that programs that draw nothing need no drawing.
package plot

import (
	"fmt"
	"io"
	"math"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"

	"github.com/gradus-ml/gradus/engine"
)

// RateCurve draws the losses of a learning rate test and their moving average over the rate, on a logarithmic scale, as a PNG of
// 7 by 5 inches. Lines mark the rate at which the loss turns to rise and the suggested one.
func RateCurve(w io.Writer, c *engine.RateCurve) error {
	if len(c.Rates) == 0 {
		return fmt.Errorf("plot: learning rate test: no steps")
	}
	p := plot.New()
	p.Title.Text = fmt.Sprintf("Learning rate: try %.2g", c.Suggested)
	p.X.Label.Text, p.Y.Label.Text = "learning rate", "loss"
	p.X.Scale, p.X.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: 1}
	p.Add(plotter.NewGrid())
	low, high := limits(c.Smoothed)
	if err := plotutil.AddLines(p, "loss of a batch", points(c.Rates, c.Losses, low, high), "smoothed", points(c.Rates, c.Smoothed, low, high),
		"turning", upright(c.Turning, low, high), "suggested", upright(c.Suggested, low, high)); err != nil {
		return fmt.Errorf("plot: learning rate test: %w", err)
	}
	p.Y.Min, p.Y.Max = low, high
	p.Legend.Top, p.Legend.Left = true, true
	p.Legend.XOffs, p.Legend.YOffs = vg.Points(8), -vg.Points(8)
	return write(w, p)
}

// write draws the plot as a PNG.
func write(w io.Writer, p *plot.Plot) error {
	png, err := p.WriterTo(7*vg.Inch, 5*vg.Inch, "png")
	if err != nil {
		return fmt.Errorf("plot: %w", err)
	}
	if _, err = png.WriteTo(w); err != nil {
		return fmt.Errorf("plot: %w", err)
	}
	return nil
}

// limits are from 0 to somewhat above the first smoothed loss, or the least: what explodes leaves the picture.
func limits(smoothed []float64) (low, high float64) {
	for i, v := range smoothed {
		if i < 10 && v > high && !math.IsInf(v, 0) {
			high = v
		}
		low = math.Min(low, v)
	}
	return low, low + 1.5*(high-low) + 1e-9
}

// points leaves out what cannot be drawn, and bounds what is far outside.
func points(x, y []float64, low, high float64) plotter.XYs {
	var list plotter.XYs
	for i, v := range y {
		if !math.IsNaN(v) {
			list = append(list, plotter.XY{X: x[i], Y: math.Min(math.Max(v, low), high)})
		}
	}
	return list
}

func upright(x, low, high float64) plotter.XYs { return plotter.XYs{{X: x, Y: low}, {X: x, Y: high}} }
