package plot

import (
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"

	"github.com/gradus-ml/gradus/engine"
)

// LearningCurves draws the loss and every metric over the epochs, a panel each, in training and, dashed, in validation, and a panel of the learning
// rate if it changed. What is not finite is left out.
func LearningCurves(h *engine.History) *Figure {
	const about = "learning curves"
	if h == nil || len(h.Epochs) == 0 {
		return failed(about, "the history has no epochs")
	}
	f := &Figure{about: about}
	var panels []*plot.Plot
	for _, name := range scores(h) {
		p, err := curve(h, name)
		if err != nil {
			return failed(about, "%s: %w", name, err)
		}
		if p != nil {
			panels = append(panels, p)
		}
	}
	if p := rates(h); p != nil {
		panels = append(panels, p)
	}
	if len(panels) == 0 {
		return failed(about, "no score is a finite number")
	}
	f.arrange(panels)
	return f
}

// arrange puts panels into rows of at most three.
func (f *Figure) arrange(panels []*plot.Plot) {
	columns := min(len(panels), 3)
	if len(panels) == 4 {
		columns = 2
	}
	for part := range slices.Chunk(panels, columns) {
		row := make([]*plot.Plot, columns)
		copy(row, part)
		f.Plots = append(f.Plots, row)
	}
	f.Width, f.Height = 5*float64(columns), 3.8*float64(len(f.Plots))
	if columns == 1 {
		f.Width, f.Height = 7, 5
	}
}

// scores lists the names of the scores: the loss first.
func scores(h *engine.History) []string {
	seen := map[string]bool{}
	for _, e := range h.Epochs {
		for name := range e.Scores {
			seen[name] = true
		}
	}
	var names []string
	for name := range seen {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		if (a == "loss") != (b == "loss") {
			return map[bool]int{true: -1, false: 1}[a == "loss"]
		}
		return strings.Compare(a, b)
	})
	return names
}

// curve is the panel of a score, nil if there is nothing to draw.
func curve(h *engine.History, name string) (*plot.Plot, error) {
	title := strings.ReplaceAll(name, "_", " ")
	p := newPlot("", "epoch", title)
	grid(p)
	var drawn []plotter.XYs
	for i, of := range []struct {
		name   string
		scores func(e engine.Epoch) engine.Scores
	}{
		{"training", func(e engine.Epoch) engine.Scores { return e.Scores }},
		{"validation", func(e engine.Epoch) engine.Scores { return e.Validation }},
	} {
		points := over(h, func(e engine.Epoch) (float64, bool) { v, ok := of.scores(e)[name]; return v, ok })
		if len(points) == 0 {
			continue
		}
		drawn = append(drawn, points)
		if err := line(p, of.name, i, i == 1, points); err != nil {
			return nil, err
		}
	}
	if drawn == nil {
		return nil, nil
	}
	p.Title.Text = title
	p.X.Tick.Marker = even{whole: true}
	corner(p, drawn...)
	return p, nil
}

// over returns what is finite of a number of each epoch.
func over(h *engine.History, of func(engine.Epoch) (float64, bool)) plotter.XYs {
	var list plotter.XYs
	for _, e := range h.Epochs {
		if v, ok := of(e); ok && v-v == 0 {
			list = append(list, plotter.XY{X: float64(e.Number), Y: v})
		}
	}
	return list
}

// rates is the panel of the learning rate, nil if that stays as it is.
func rates(h *engine.History) *plot.Plot {
	points := over(h, func(e engine.Epoch) (float64, bool) { return e.LearningRate, e.LearningRate > 0 })
	if len(points) == 0 || !slices.ContainsFunc(points, func(p plotter.XY) bool { return p.Y != points[0].Y }) {
		return nil
	}
	p := newPlot("learning rate", "epoch", "learning rate")
	grid(p)
	p.X.Tick.Marker = even{whole: true}
	if line(p, "", 2, false, logarithms(points)) != nil {
		return nil
	}
	p.Legend = plot.NewLegend()
	logarithmic(&p.Y, low(points), high(points))
	return p
}

func low(points plotter.XYs) float64 {
	least := math.Inf(1)
	for _, p := range points {
		least = min(least, p.Y)
	}
	return least
}

func high(points plotter.XYs) float64 {
	most := math.Inf(-1)
	for _, p := range points {
		most = max(most, p.Y)
	}
	return most
}
