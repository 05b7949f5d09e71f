package backendtest

import (
	"fmt"
	"math"
	"slices"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

// probabilities returns the softmax of one row and the logarithm of its denominator, the maximum included.
func probabilities(x []float64) (p []float64, logSum float64) {
	highest, sum := slices.Max(x), 0.0
	p = make([]float64, len(x))
	for i, v := range x {
		p[i] = math.Exp(v - highest)
		sum += p[i]
	}
	for i := range p {
		p[i] /= sum
	}
	return p, highest + math.Log(sum)
}

func softmax(o ops.Softmax) {
	for r := range o.Rows {
		p, _ := probabilities(f64(o.X)[r*o.Cols : (r+1)*o.Cols])
		copy(f64(o.Y)[r*o.Cols:], p)
	}
}

func softmaxGrad(o ops.SoftmaxGrad) {
	y, dy, dx := f64(o.Y), f64(o.DY), f64(o.DX)
	for r := range o.Rows {
		dot := 0.0
		for i := r * o.Cols; i < (r+1)*o.Cols; i++ {
			dot += dy[i] * y[i]
		}
		for i := r * o.Cols; i < (r+1)*o.Cols; i++ {
			dx[i] = y[i] * (dy[i] - dot)
		}
	}
}

// scoreRows are rows of scores: ordinary ones, and large ones that overflow or vanish unless the maximum is taken off first.
var scoreRows = []struct {
	name            string
	mean, deviation float64
}{{"", 0, 2}, {" large", 0, 1e4}, {" far above zero", 1e4, 1}, {" far below zero", -1e4, 1}}

func softmaxCases() []Case {
	var cases []Case
	for _, s := range matrixSizes {
		cases = append(cases, softmaxCase("", s[0], s[1], 0, 2), softmaxGradCase(s[0], s[1]))
	}
	for _, row := range scoreRows {
		cases = append(cases, softmaxCase(row.name, 33, 17, row.mean, row.deviation))
	}
	return cases
}

func softmaxCase(name string, rows, cols int, mean, deviation float64) Case {
	return Case{Name: fmt.Sprintf("softmax %dx%d%s", rows, cols, name), Terms: cols, Build: one(func(in *Inputs) ops.Softmax {
		return ops.Softmax{X: in.Normal(rows*cols, mean, deviation), Y: in.Result(rows * cols), Rows: rows, Cols: cols}
	})}
}

func softmaxGradCase(rows, cols int) Case {
	return Case{Name: fmt.Sprintf("softmax_grad %dx%d", rows, cols), Terms: cols, Build: one(func(in *Inputs) ops.SoftmaxGrad {
		share := func(int) float64 { return float64(in.stream.Float32()) * 2 / float64(cols) }
		return ops.SoftmaxGrad{Y: in.Fill(rows*cols, share), DY: in.Normal(rows*cols, 0, 1), DX: in.Result(rows * cols), Rows: rows, Cols: cols}
	})}
}

// scores allocates rows of scores with a label each.
func scores(in *Inputs, rows, cols int, mean, deviation float64) (x, labels backend.Region) {
	return in.Normal(rows*cols, mean, deviation), in.Below(rows, cols)
}
