package backendtest

import (
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

func prelu(o ops.PReLU) {
	x, alpha, y := f64(o.X), f64(o.Alpha), f64(o.Y)
	for i := range y {
		y[i] = choose(x[i] > 0, x[i], alpha[i/o.Inner%o.Cols]*x[i])
	}
}

func preluGrad(o ops.PReLUGrad) {
	x, dy, alpha, dx := f64(o.X), f64(o.DY), f64(o.Alpha), f64(o.DX)
	for i := range dx {
		slope := choose(x[i] > 0, 1, alpha[i/o.Inner%o.Cols])
		dx[i] = dy[i] * choose(math.IsNaN(x[i]), x[i], slope)
	}
}

func preluAlphaGrad(o ops.PReLUAlphaGrad) {
	x, dy, dalpha := f64(o.X), f64(o.DY), f64(o.DAlpha)
	clear(dalpha)
	for i := range x {
		dalpha[i/o.Inner%o.Cols] += choose(x[i] > 0, 0, dy[i]*x[i])
	}
}

// blockSizes are rows, columns and what lies within a column: the matrices, slopes of channels of images, and a single slope.
func blockSizes() [][3]int {
	sizes := [][3]int{{2, 3, 5}, {8, 3, 49}, {3, 65, 7}, {33, 10, 2}, {1, 1, 1009}, {300, 1, 33}, {2, 257, 64}}
	for _, s := range matrixSizes {
		sizes = append(sizes, [3]int{s[0], s[1], 1})
	}
	return sizes
}

func preluCases() []Case {
	var cases []Case
	for _, s := range blockSizes() {
		cases = append(cases, preluCase(s, "", func(in *Inputs) backend.Region { return in.Normal(s[0]*s[1]*s[2], 0, 2) })...)
	}
	n := len(extremes)
	cases = append(cases, preluCase([3]int{1, n, 1}, " extremes", func(in *Inputs) backend.Region { return in.Of(extremes...) })...)
	return append(cases, preluCase([3]int{1, 3, 1}, " NaN", func(in *Inputs) backend.Region { return in.Of(1, float32(math.NaN()), -1) })...)
}

func preluCase(size [3]int, name string, x func(in *Inputs) backend.Region) []Case {
	rows, cols, inner := size[0], size[1], size[2]
	name, n := fmt.Sprintf("%dx%dx%d%s", rows, cols, inner, name), rows*cols*inner
	return []Case{
		{Name: "prelu " + name, Build: one(func(in *Inputs) ops.PReLU {
			return ops.PReLU{X: x(in), Alpha: in.Normal(cols, 0.2, 0.3), Y: in.Result(n), Rows: rows, Cols: cols, Inner: inner}
		})},
		{Name: "prelu_grad " + name, Build: one(func(in *Inputs) ops.PReLUGrad {
			return ops.PReLUGrad{X: x(in), DY: in.Normal(n, 0, 1), Alpha: in.Normal(cols, 0.2, 0.3), DX: in.Result(n),
				Rows: rows, Cols: cols, Inner: inner}
		})},
		{Name: "prelu_alpha_grad " + name, Terms: rows * inner, Scale: 2, Build: one(func(in *Inputs) ops.PReLUAlphaGrad {
			return ops.PReLUAlphaGrad{X: x(in), DY: in.Normal(n, 0, 1), DAlpha: in.Result(cols), Rows: rows, Cols: cols, Inner: inner}
		})},
	}
}
