package cpu

import (
	"math"

	"github.com/gradus-ml/gradus/engine/ops"
)

// rescale goes over neighbouring columns of a matrix together, row by row. It adds up in float64.
func rescale(o ops.Rescale) *job {
	units, sums := u32(o.Units), make([][2]float64, o.Count)
	return ranges(o.Count, max(1, 3*(o.N/o.Count)), func(from, to int) {
		for from < to {
			end := from + 1
			for end < to && neighbours(units[(end-1)*ops.UnitColumns:]) {
				end++
			}
			rescaleStrip(o, units[from*ops.UnitColumns:], sums[from:end])
			from = end
		}
	})
}

// neighbours reports whether the second unit lies beside the first, element by element.
func neighbours(units []uint32) bool {
	a, b := units[:3], units[3:6]
	return b[0] == a[0]+1 && a[1] > 1 && b[1] == a[1] && b[2] == a[2]
}

// rescaleStrip rescales as many neighbouring units as there are sums; unit describes the first of them.
func rescaleStrip(o ops.Rescale, unit []uint32, sums [][2]float64) {
	x, r := f32(o.X), f32(o.Reference)
	first, stride, n := int(unit[0]), int(unit[1]), int(unit[2])
	clear(sums)
	for k := range n {
		at := first + k*stride
		for c, v := range x[at:][:len(sums)] {
			w := float64(r[at+c])
			sums[c][0] += float64(v) * float64(v)
			sums[c][1] += w * w
		}
	}
	for c, s := range sums {
		sums[c][0] = rescaling(o, math.Sqrt(s[0]), math.Sqrt(s[1]))
	}
	for k := range n {
		row := x[first+k*stride:][:len(sums)]
		for c := range row {
			row[c] = float32(float64(row[c]) * sums[c][0])
		}
	}
}

// rescaling is what a unit is multiplied by, x and r being the norms.
func rescaling(o ops.Rescale, x, r float64) float64 {
	switch {
	case o.Kind == ops.ClipNorm:
		return math.Min(1, float64(o.Limit)/x) // 1 where the norm is 0, NaN where it is NaN
	case o.Kind == ops.ClipRatio:
		return math.Min(1, float64(o.Limit)*math.Max(r, float64(o.Epsilon))/x)
	case o.Kind == ops.Normalise:
		return 1 / (x + float64(o.Epsilon))
	case x == 0 || r == 0:
		return 1
	}
	return r / x
}
