package plot

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"

	"github.com/gradus-ml/gradus/engine"
)

// A Case is a network that was diagnosed, with the name that it has in the legend.
type Case struct {
	Name      string
	Diagnosis *engine.Diagnosis
}

// Gradients draws, for each network, how large the gradients of its layers' weights are by depth, from the input to the output, on a logarithmic
// scale: a line that falls to the left vanishes, one that rises explodes. Normalisations, whose gamma and beta are no weights, are left out, as is what is
// 0 or not finite.
func Gradients(cases ...Case) *Figure {
	const about = "gradients by depth"
	p := newPlot("Gradient of the weights by depth", "layer with weights, from the input", "root mean square of the gradient")
	grid(p)
	least, most, deepest := math.Inf(1), math.Inf(-1), 0
	var names []string
	var drawn []plotter.XYs
	for i, c := range cases {
		if c.Diagnosis == nil {
			return failed(about, "%s has no diagnosis", c.Name)
		}
		layers := weighted(c.Diagnosis)
		var points plotter.XYs
		for j, l := range layers {
			if g := l.WeightGradient; g > 0 && !math.IsInf(g, 0) {
				points = append(points, plotter.XY{X: float64(j + 1), Y: g})
			}
		}
		if len(points) == 0 {
			return failed(about, "%s has no gradient that is more than 0 and finite", c.Name)
		}
		drawn = append(drawn, logarithms(points))
		if err := line(p, c.Name, i, false, drawn[i]); err != nil {
			return failed(about, "%s: %w", c.Name, err)
		}
		least, most, deepest = min(least, low(points)), max(most, high(points)), max(deepest, len(layers))
		if names = nil; len(cases) == 1 {
			names = titles(layers)
		}
	}
	if len(cases) == 0 {
		return failed(about, "no networks")
	}
	logarithmic(&p.Y, least, most)
	depths(p, deepest, names)
	corner(p, drawn...)
	if len(cases) == 1 {
		p.Title.Text += ": " + cases[0].Name
		p.Legend = plot.NewLegend()
	}
	return single(about, p, nil)
}

// depths marks the layers, by name where there is one network and room.
func depths(p *plot.Plot, deepest int, names []string) {
	p.X.Min, p.X.Max, p.X.Tick.Marker = 0.5, float64(deepest)+0.5, even{whole: true}
	if names == nil || deepest > 12 {
		return
	}
	var ticks plot.ConstantTicks
	for i, name := range names {
		ticks = append(ticks, plot.Tick{Value: float64(i + 1), Label: name})
	}
	p.X.Tick.Marker = ticks
	slanted(&p.X)
}

// weighted lists the layers that have weights.
func weighted(d *engine.Diagnosis) []engine.LayerDiagnosis {
	var layers []engine.LayerDiagnosis
	for _, l := range d.Layers {
		if l.WeightGradient != 0 && !strings.HasSuffix(l.Type, "Normalization") {
			layers = append(layers, l)
		}
	}
	return layers
}

func titles(layers []engine.LayerDiagnosis) []string {
	var names []string
	for _, l := range layers {
		names = append(names, fmt.Sprint(l.Name))
	}
	return names
}
