package backendtest

import (
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/engine/ops"
)

func rescale(o ops.Rescale) {
	x, r, units := f64(o.X), f64(o.Reference), u32(o.Units)
	for u := range o.Count {
		first, stride, n := int(units[3*u]), int(units[3*u+1]), int(units[3*u+2])
		xx, rr := 0.0, 0.0
		for k := range n {
			xx += x[first+k*stride] * x[first+k*stride]
			rr += r[first+k*stride] * r[first+k*stride]
		}
		s := scale(o, math.Sqrt(xx), math.Sqrt(rr))
		for k := range n {
			x[first+k*stride] *= s
		}
	}
}

// scale is what a unit is multiplied by, x and r being the norms.
func scale(o ops.Rescale, x, r float64) float64 {
	limit, epsilon := decimal(o.Limit), decimal(o.Epsilon)
	switch o.Kind {
	case ops.ClipNorm:
		return math.Min(1, limit/x)
	case ops.ClipRatio:
		return math.Min(1, limit*math.Max(r, epsilon)/x)
	case ops.Normalise:
		return 1 / (x + epsilon)
	}
	if x == 0 || r == 0 {
		return 1
	}
	return r / x
}

// vectors are units that lie one behind the other, with gaps.
func vectors(sizes ...int) (units []uint32, n int) {
	for _, size := range sizes {
		units = append(units, uint32(n), 1, uint32(size))
		n += (size + ops.Block - 1) / ops.Block * ops.Block
	}
	return units, n
}

// columnsOf are the columns of a matrix.
func columnsOf(rows, cols int) (units []uint32, n int) {
	for c := range cols {
		units = append(units, uint32(c), uint32(cols), uint32(rows))
	}
	return units, rows * cols
}

func rescaleCases() []Case {
	var cases []Case
	for _, kind := range ops.RescaleKinds() {
		for _, sizes := range [][]int{{1}, {3}, {63, 64, 65}, {255, 256, 257, 1}, {1009, 10, 7}, {70_001, 300, 5}} {
			units, n := vectors(sizes...)
			cases = append(cases, rescaleCase(kind, fmt.Sprint(sizes), units, n))
		}
		for _, s := range [][2]int{{1, 1}, {3, 2}, {7, 31}, {8, 32}, {9, 33}, {257, 65}, {1009, 3}, {2, 1009}} {
			units, n := columnsOf(s[0], s[1])
			cases = append(cases, rescaleCase(kind, fmt.Sprint(s), units, n))
		}
	}
	apart, n := columnsOf(9, 12)
	for i := range 4 { // columns 0, 3, 6 and 9: of a kind, and not side by side
		copy(apart[3*i:], apart[9*i:9*i+3])
	}
	cases = append(cases, rescaleCase(ops.ClipNorm, "of columns apart", apart[:12], n))
	units, n := columnsOf(1, 65_535*32+33) // more than one dimension has workgroups of 32 units
	cases = append(cases, rescaleCase(ops.ClipNorm, "many", units, n))
	nan := float32(math.NaN())
	return append(cases, Case{Name: "rescale NaN", Build: one(func(in *Inputs) ops.Rescale {
		return ops.Rescale{X: in.Of(1, nan, -9, 2), Reference: in.Of(1, 1, 1, 1), Units: in.Indices(0, 1, 3, 3, 1, 1), N: 4, Count: 2, Limit: 1}
	})})
}

// rescaleCase has units of different sizes: some within the limit, some of zeros, and what lies between them, which must stay.
func rescaleCase(kind ops.RescaleKind, size string, units []uint32, n int) Case {
	return Case{Name: fmt.Sprintf("rescale %v %s", kind, size), Terms: 16, Scale: 2, Build: one(func(in *Inputs) ops.Rescale {
		x, reference := make([]float64, n), make([]float64, n)
		for i := range x {
			x[i], reference[i] = float64(in.stream.Float32())-0.5, float64(in.stream.Float32())-0.5
		}
		for u := 0; u < len(units); u += 3 {
			for k := range int(units[u+2]) {
				i := int(units[u] + uint32(k)*units[u+1])
				x[i] *= float64((u/3 + 1) % 4)
				reference[i] *= float64((u/3 + 2) % 3)
			}
		}
		return ops.Rescale{X: in.Fill(n, func(i int) float64 { return x[i] }), Reference: in.Fill(n, func(i int) float64 { return reference[i] }),
			Units: in.Indices(units...), N: n, Count: len(units) / 3, Kind: kind, Limit: 0.5, Epsilon: 1e-3}
	})}
}
