// Package plot draws what the engine found, for reports: a call makes a Figure, Save writes it as PNG, SVG or PDF. It is apart from package engine, so that
// programs that draw nothing need no drawing.
//
//	err := plot.LearningCurves(history).Save("learning-curves.png")
package plot

import (
	"bytes"
	"fmt"
	"image/color"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
)

// A Figure is one picture. A mistake in what it was made of is kept and returned by Save and Write.
type Figure struct {
	// Width and Height are in inches. A PNG has 150 points to the inch.
	Width, Height float64
	// Plots are the panels, row by row, for changes with gonum.org/v1/plot; none for Predictions.
	Plots [][]*plot.Plot

	about string
	paint func(c draw.Canvas) error
	err   error
}

// resolution of a PNG, in dots to the inch.
const resolution = 150

// formats that a figure is written in, by the file's extension.
var formats = []string{"png", "svg", "pdf"}

// CheckFile refuses the name of a file that no figure could be saved to: for programs that draw only after a long training. The empty name, for none, passes.
func CheckFile(name string) error {
	format := strings.ToLower(strings.TrimPrefix(filepath.Ext(name), "."))
	info, err := os.Stat(filepath.Dir(name))
	switch {
	case name == "":
		return nil
	case !slices.Contains(formats, format):
		return fmt.Errorf("plot: %s: format is %q, want one of %s", name, format, strings.Join(formats, ", "))
	case err != nil || !info.IsDir():
		return fmt.Errorf("plot: %s cannot be written: %s is no directory", name, filepath.Dir(name))
	}
	return nil
}

// Save writes the figure to a file, in the format of its extension: .png, .svg or .pdf.
func (f *Figure) Save(name string) error {
	format := strings.ToLower(strings.TrimPrefix(filepath.Ext(name), "."))
	var out bytes.Buffer
	if err := f.Write(&out, format); err != nil {
		return fmt.Errorf("%w (%s)", err, name)
	}
	if err := os.WriteFile(name, out.Bytes(), 0o644); err != nil {
		return fmt.Errorf("plot: %s: %w", f.about, err)
	}
	return nil
}

// Write writes the figure as "png", "svg" or "pdf".
func (f *Figure) Write(w io.Writer, format string) error {
	canvas, err := f.canvas(format)
	if err == nil {
		err = f.draw(draw.New(canvas))
	}
	if err == nil {
		_, err = canvas.WriteTo(w)
	}
	if err != nil {
		return fmt.Errorf("plot: %s: %w", f.about, err)
	}
	return nil
}

func (f *Figure) canvas(format string) (vg.CanvasWriterTo, error) {
	width, height := vg.Length(f.Width)*vg.Inch, vg.Length(f.Height)*vg.Inch
	switch {
	case f.err != nil:
		return nil, f.err
	case !slices.Contains(formats, format):
		return nil, fmt.Errorf("format is %q, want one of %s", format, strings.Join(formats, ", "))
	case !(width > 0 && width < 100*vg.Inch && height > 0 && height < 100*vg.Inch):
		return nil, fmt.Errorf("size is %v by %v inches, want more than 0, less than 100", f.Width, f.Height)
	case format == "png":
		return vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(width, height), vgimg.UseDPI(resolution))}, nil
	}
	return draw.NewFormattedCanvas(width, height, format)
}

func (f *Figure) draw(c draw.Canvas) (err error) {
	defer func() { // gonum/plot panics over what it cannot draw
		if failed := recover(); failed != nil {
			err = fmt.Errorf("%v", failed)
		}
	}()
	c.SetColor(color.White)
	c.Fill(c.Rectangle.Path())
	if f.paint != nil {
		return f.paint(c)
	}
	tiles := draw.Tiles{Rows: len(f.Plots), Cols: len(f.Plots[0]), PadX: 16, PadY: 12, PadTop: 8, PadBottom: 8, PadLeft: 8, PadRight: 12}
	for i, row := range plot.Align(f.Plots, tiles, c) {
		for j, canvas := range row {
			if f.Plots[i][j] != nil {
				f.Plots[i][j].Draw(canvas)
			}
		}
	}
	return nil
}

// failed is a figure of a mistake.
func failed(about, format string, args ...any) *Figure {
	return &Figure{about: about, err: fmt.Errorf(format, args...), Width: 1, Height: 1}
}

// single is a figure of one panel, or of a mistake.
func single(about string, p *plot.Plot, err error) *Figure {
	return &Figure{Width: 7, Height: 5, Plots: [][]*plot.Plot{{p}}, about: about, err: err}
}

// newPlot is a panel in the style of all.
func newPlot(title, x, y string) *plot.Plot {
	p := plot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = title, x, y
	p.Title.Padding = 6
	for style, size := range map[*text.Style]vg.Length{
		&p.Title.TextStyle: 13, &p.X.Label.TextStyle: 11, &p.Y.Label.TextStyle: 11,
		&p.X.Tick.Label: 10, &p.Y.Tick.Label: 10, &p.Legend.TextStyle: 10,
	} {
		style.Font.Variant, style.Font.Size = "Sans", size
	}
	p.X.Label.Padding, p.Y.Label.Padding = 4, 4
	p.Y.Tick.Marker = even{}
	p.Legend.ThumbnailWidth, p.Legend.Padding = 22, 2
	return p
}

func grid(p *plot.Plot) {
	g := plotter.NewGrid()
	g.Horizontal.Color, g.Vertical.Color = color.Gray{225}, color.Gray{225}
	p.Add(g)
}

// colours are distinct for those too who see few (Okabe and Ito, 2008).
var colours = []color.Color{
	color.RGBA{0, 114, 178, 255}, color.RGBA{213, 94, 0, 255}, color.RGBA{0, 158, 115, 255}, color.RGBA{204, 121, 167, 255},
	color.RGBA{230, 159, 0, 255}, color.RGBA{86, 180, 233, 255}, color.RGBA{90, 90, 90, 255},
}

// line adds a line with a name in the legend, with points on it while they are few, each of the style's number in its own colour.
func line(p *plot.Plot, name string, style int, dashed bool, points plotter.XYs) error {
	const few = 40
	l, err := plotter.NewLine(points)
	if err != nil {
		return err
	}
	l.Color, l.Width = colours[style%len(colours)], 1.6
	if dashed {
		l.Dashes = []vg.Length{5, 3}
	}
	p.Add(l)
	if len(points) > few {
		p.Legend.Add(name, l)
		return nil
	}
	s, err := plotter.NewScatter(points)
	if err != nil {
		return err
	}
	s.Color, s.Radius, s.Shape = l.Color, 2.4, draw.CircleGlyph{}
	p.Add(s)
	p.Legend.Add(name, l, s)
	return nil
}
