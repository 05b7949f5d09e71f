package plot

import (
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
)

// corners are where a legend may be, the first of equals first.
var corners = []struct{ top, left bool }{{true, false}, {false, false}, {true, true}, {false, true}}

// corner puts the legend into the corner that the lines go through least.
func corner(p *plot.Plot, lines ...plotter.XYs) {
	best, least := corners[0], -1
	for _, c := range corners {
		n := 0
		for _, l := range lines {
			n += through(p, l, c.top, c.left)
		}
		if least < 0 || n < least {
			best, least = c, n
		}
	}
	p.Legend.Top, p.Legend.Left = best.top, best.left
	p.Legend.XOffs, p.Legend.YOffs = -6, 6
	if best.top {
		p.Legend.YOffs = -6
	}
	if best.left {
		p.Legend.XOffs = 6
	}
}

// through counts the places of a line, twenty between two points, that are in a corner of the panel.
func through(p *plot.Plot, l plotter.XYs, top, left bool) (n int) {
	const between = 20
	for i := range l[:max(len(l)-1, 0)] {
		for k := range between {
			share := float64(k) / between
			x := (l[i].X + share*(l[i+1].X-l[i].X) - p.X.Min) / (p.X.Max - p.X.Min)
			y := (l[i].Y + share*(l[i+1].Y-l[i].Y) - p.Y.Min) / (p.Y.Max - p.Y.Min)
			if left == (x < 0.4) && left == (x < 0.6) && (top && y > 0.75 || !top && y < 0.25) {
				n++
			}
		}
	}
	return n
}
