package plot

import (
	"fmt"
	"math"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
)

// even marks an axis at multiples of 1, 2 or 5 times a power of ten, which is at least 1 where numbers are whole.
type even struct{ whole bool }

// Ticks implements plot.Ticker.
func (e even) Ticks(low, high float64) []plot.Tick {
	const most = 9
	step := math.Pow(10, math.Floor(math.Log10((high-low)/most)))
	if e.whole {
		step = math.Max(step, 1)
	}
	for factors, i := []float64{2, 2.5, 2}, 0; (high-low)/step > most; i++ { // 1, 2, 5, 10 …
		step *= factors[i%3]
	}
	var ticks []plot.Tick
	for i := math.Ceil(low/step - 1e-9); i*step <= high+1e-9*step; i++ {
		ticks = append(ticks, plot.Tick{Value: i * step, Label: strconv.FormatFloat(i*step, 'g', 5, 64)})
	}
	return ticks
}

// powers marks an axis of logarithms to the base of ten at powers of ten, and between them at their multiples, which are labelled where there are few powers.
type powers struct{}

// Ticks implements plot.Ticker.
func (powers) Ticks(low, high float64) []plot.Tick {
	first, last := math.Floor(low), math.Ceil(high)
	every := math.Ceil((last - first) / 9) // one label for so many powers
	var ticks []plot.Tick
	for e := first; e <= last; e++ {
		for m := 1.0; m < 10; m++ {
			at, label := e+math.Log10(m), ""
			if at < low-1e-9 || at > high+1e-9 {
				continue
			}
			if m == 1 && math.Mod(e-first, every) == 0 || last-first <= 2 && (m == 2 || m == 5) {
				label = short(m, int(e))
			}
			if m == 1 || last-first <= 8 {
				ticks = append(ticks, plot.Tick{Value: at, Label: label})
			}
		}
	}
	return ticks
}

// short writes m·10ᵉ as 0.001 or 1e-5.
func short(m float64, e int) string {
	if e >= -3 && e < 4 {
		return strconv.FormatFloat(m*math.Pow(10, float64(e)), 'g', 3, 64)
	}
	return fmt.Sprintf("%ge%d", m, e)
}

// logarithmic makes an axis one of logarithms, with room around what is drawn, which is more than 0. What is drawn on it goes through math.Log10:
// gonum's own logarithmic scale leaves room for the axis's title where it does not stand.
func logarithmic(a *plot.Axis, low, high float64) {
	low, high = math.Log10(low), math.Log10(high)
	room := math.Max((high-low)*0.05, 0.02)
	a.Tick.Marker, a.Min, a.Max = powers{}, low-room, high+room
}

// logarithms are the points with the logarithms of y, which are more than 0.
func logarithms(points plotter.XYs) plotter.XYs {
	var list plotter.XYs
	for _, p := range points {
		list = append(list, plotter.XY{X: p.X, Y: math.Log10(p.Y)})
	}
	return list
}
