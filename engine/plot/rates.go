package plot

import (
	"fmt"
	"math"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"github.com/gradus-ml/gradus/engine"
)

// RateCurve draws the losses of a learning rate test and their moving average over the rate, on a logarithmic scale. Lines mark the rate
// at which the loss turns to rise and the suggested one.
func RateCurve(c *engine.RateCurve) *Figure {
	const about = "learning rate test"
	if c == nil || len(c.Rates) == 0 {
		return failed(about, "no steps")
	}
	p := newPlot(fmt.Sprintf("Learning rate test: try %.2g", c.Suggested), "learning rate", "loss")
	grid(p)
	bottom, top := limits(c.Smoothed)
	batches, err := plotter.NewLine(points(c.Rates, c.Losses, bottom, top))
	if err != nil {
		return failed(about, "the losses: %w", err)
	}
	batches.Color, batches.Width = colours[5], 0.7
	p.Add(batches)
	p.Legend.Add("loss of a batch", batches)
	smoothed, err := plotter.NewLine(points(c.Rates, c.Smoothed, bottom, top))
	if err != nil {
		return failed(about, "the smoothed losses: %w", err)
	}
	smoothed.Color, smoothed.Width = colours[0], 2
	p.Add(smoothed)
	p.Legend.Add("smoothed", smoothed)
	for i, mark := range []struct {
		name string
		rate float64
	}{{"turning", c.Turning}, {"suggested", c.Suggested}} {
		if !(mark.rate > 0) {
			continue
		}
		upright, err := plotter.NewLine(plotter.XYs{{X: math.Log10(mark.rate), Y: bottom}, {X: math.Log10(mark.rate), Y: top}})
		if err != nil {
			return failed(about, "%s: %w", mark.name, err)
		}
		upright.Color, upright.Width, upright.Dashes = colours[1+i], 1.6, []vg.Length{5, 3}
		p.Add(upright)
		p.Legend.Add(fmt.Sprintf("%s, %.2g", mark.name, mark.rate), upright)
	}
	logarithmic(&p.X, min(c.Rates[0], positive(c.Suggested, c.Rates[0])), c.Rates[len(c.Rates)-1])
	p.Y.Min, p.Y.Max = bottom, top
	corner(p, points(c.Rates, c.Losses, bottom, top))
	return single(about, p, nil)
}

func positive(v, otherwise float64) float64 {
	if v > 0 {
		return v
	}
	return otherwise
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

// points are over the logarithm of x; what cannot be drawn is left out, and what is far outside is bounded.
func points(x, y []float64, low, high float64) plotter.XYs {
	var list plotter.XYs
	for i, v := range y {
		if !math.IsNaN(v) {
			list = append(list, plotter.XY{X: math.Log10(x[i]), Y: math.Min(math.Max(v, low), high)})
		}
	}
	return list
}
