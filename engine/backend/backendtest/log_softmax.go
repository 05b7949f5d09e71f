package backendtest

import (
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/engine/ops"
)

func logSoftmax(o ops.LogSoftmax) {
	x, y := f64(o.X), f64(o.Y)
	for r := range o.Rows {
		_, logSum := probabilities(x[r*o.Cols : (r+1)*o.Cols])
		for i := r * o.Cols; i < (r+1)*o.Cols; i++ {
			y[i] = x[i] - logSum
		}
	}
}

func logSoftmaxGrad(o ops.LogSoftmaxGrad) {
	y, dy, dx := f64(o.Y), f64(o.DY), f64(o.DX)
	for r := range o.Rows {
		sum := 0.0
		for i := r * o.Cols; i < (r+1)*o.Cols; i++ {
			sum += dy[i]
		}
		for i := r * o.Cols; i < (r+1)*o.Cols; i++ {
			dx[i] = dy[i] - math.Exp(y[i])*sum
		}
	}
}

func logSoftmaxCases() []Case {
	var cases []Case
	for _, s := range matrixSizes {
		cases = append(cases, logSoftmaxCase("", s[0], s[1], 0, 2), logSoftmaxGradCase(s[0], s[1]))
	}
	for _, row := range scoreRows {
		cases = append(cases, logSoftmaxCase(row.name, 33, 17, row.mean, row.deviation))
	}
	return cases
}

func logSoftmaxCase(name string, rows, cols int, mean, deviation float64) Case {
	return Case{Name: fmt.Sprintf("log_softmax %dx%d%s", rows, cols, name), Terms: cols, Build: one(func(in *Inputs) ops.LogSoftmax {
		return ops.LogSoftmax{X: in.Normal(rows*cols, mean, deviation), Y: in.Result(rows * cols), Rows: rows, Cols: cols}
	})}
}

// logSoftmaxGradCase has probabilities from 0 to 1 of any sum, and one of e⁻¹⁰⁴ or less.
func logSoftmaxGradCase(rows, cols int) Case {
	return Case{Name: fmt.Sprintf("log_softmax_grad %dx%d", rows, cols), Terms: cols, Build: one(func(in *Inputs) ops.LogSoftmaxGrad {
		y := func(i int) float64 {
			return choose(i == 2, -1e4, -math.Abs(in.stream.Normal())-math.Log(float64(cols)))
		}
		return ops.LogSoftmaxGrad{Y: in.Fill(rows*cols, y), DY: in.Normal(rows*cols, 0, 1), DX: in.Result(rows * cols), Rows: rows, Cols: cols}
	})}
}
