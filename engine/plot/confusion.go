package plot

import (
	"fmt"
	"image/color"
	"math"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// ConfusionMatrix draws the counts of Model.ConfusionMatrix: a row for each true class and a column for each predicted one, each cell the darker the larger its
// share of the row, with its count where there are at most 20 classes. Names are those of the classes, data.Set's Names; nil means their numbers.
func ConfusionMatrix(counts [][]int, names []string) *Figure {
	const about = "confusion matrix"
	n := len(counts)
	if n == 0 {
		return failed(about, "no classes")
	}
	if names != nil && len(names) != n {
		return failed(about, "%d names for %d classes", len(names), n)
	}
	right, all := 0, 0
	for i, row := range counts {
		if len(row) != n {
			return failed(about, "row %d has %d columns, want %d", i, len(row), n)
		}
		right += row[i]
		for _, c := range row {
			all += c
		}
	}
	title := "Confusion matrix"
	if all > 0 {
		title = fmt.Sprintf("Confusion matrix: %d of %d right (%.1f%%)", right, all, 100*float64(right)/float64(all))
	}
	p := newPlot(title, "predicted class", "true class")
	p.Add(cells{counts, p.X.Tick.Label})
	var across, down plot.ConstantTicks
	for i := range n {
		name := strconv.Itoa(i)
		if names != nil {
			name = names[i]
		}
		if every := (n + 29) / 30; i%every != 0 {
			name = ""
		}
		across = append(across, plot.Tick{Value: float64(i), Label: name})
		down = append(down, plot.Tick{Value: float64(n - 1 - i), Label: name})
	}
	p.X.Tick.Marker, p.Y.Tick.Marker = across, down
	p.X.Tick.Length, p.Y.Tick.Length = 0, 0
	p.X.Padding, p.Y.Padding = 2, 2
	if names != nil {
		slanted(&p.X)
	}
	f := single(about, p, nil)
	f.Width = math.Min(3+0.55*float64(n), 11)
	f.Height = f.Width * 0.92
	return f
}

// slanted turns the labels of an axis, so that long ones have room.
func slanted(a *plot.Axis) {
	a.Tick.Label.Rotation, a.Tick.Label.XAlign, a.Tick.Label.YAlign = math.Pi/5, draw.XRight, draw.YTop
}

// cells are the fields of a matrix, the first row at the top.
type cells struct {
	counts [][]int
	style  text.Style
}

// DataRange implements plot.DataRanger.
func (m cells) DataRange() (xmin, xmax, ymin, ymax float64) {
	n := float64(len(m.counts)) - 0.5
	return -0.5, n, -0.5, n
}

// Plot implements plot.Plotter.
func (m cells) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	n := len(m.counts)
	m.style.XAlign, m.style.YAlign = draw.XCenter, draw.YCenter
	m.style.Font.Size = min(11, (x(1)-x(0))/3.2)
	for i, row := range m.counts {
		all := 0
		for _, count := range row {
			all += count
		}
		for j, count := range row {
			share := float64(count) / math.Max(float64(all), 1)
			field(c, vg.Rectangle{Min: vg.Point{X: x(float64(j) - 0.5), Y: y(float64(n-1-i) - 0.5)},
				Max: vg.Point{X: x(float64(j) + 0.5), Y: y(float64(n-1-i) + 0.5)}}, shade(share))
			if n > 20 || count == 0 {
				continue
			}
			m.style.Color = color.Color(color.Black)
			if share > 0.5 {
				m.style.Color = color.White
			}
			c.FillText(m.style, vg.Point{X: x(float64(j)), Y: y(float64(n - 1 - i))}, strconv.Itoa(count))
		}
	}
}

// field fills a rectangle and leaves a fine white line around it.
func field(c draw.Canvas, r vg.Rectangle, fill color.Color) {
	c.SetColor(fill)
	c.Fill(r.Path())
	c.SetColor(color.White)
	c.SetLineWidth(0.6)
	c.SetLineDash(nil, 0)
	c.Stroke(r.Path())
}

// shade is from nearly white to a dark blue.
func shade(share float64) color.Color {
	at := func(light, dark float64) uint8 { return uint8(math.Round(light + (dark-light)*math.Sqrt(share))) }
	return color.RGBA{at(244, 8), at(247, 64), at(251, 129), 255}
}
