package backendtest

import (
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

// margins returns the loss of a row and the column of its largest wrong score.
func margins(p, t []float64) (loss float64, worst int) {
	right := 0.0
	for c := range p {
		right += t[c] * p[c]
		if (1-t[c])*p[c] > (1-t[worst])*p[worst] {
			worst = c
		}
	}
	return math.Max(0, 1+(1-t[worst])*p[worst]-right), worst
}

func categoricalHinge(o ops.CategoricalHinge) {
	for r := range o.Rows {
		f64(o.Losses)[r], _ = margins(f64(o.P)[r*o.Cols:][:o.Cols], f64(o.T)[r*o.Cols:][:o.Cols])
	}
}

func categoricalHingeGrad(o ops.CategoricalHingeGrad) {
	for r := range o.Rows {
		t, dp := f64(o.T)[r*o.Cols:][:o.Cols], f64(o.DP)[r*o.Cols:][:o.Cols]
		loss, worst := margins(f64(o.P)[r*o.Cols:][:o.Cols], t)
		dy := choose(loss > 0, f64(o.DLosses)[r], 0)
		for c := range dp {
			dp[c] = -dy * t[c]
		}
		dp[worst] += dy * (1 - t[worst])
	}
}

func categoricalHingeCases() []Case {
	var cases []Case
	for _, s := range [][2]int{{1, 1}, {1, 3}, {33, 2}, {257, 10}, {5, 65}, {3, 5003}, {70_001, 3}} {
		rows, cols := s[0], s[1]
		scores := func(in *Inputs) (p, t backend.Region) {
			return in.Normal(rows*cols, 0, 1), in.Fill(rows*cols, func(i int) float64 { return choose(i%cols == i/cols%cols, 1, 0) })
		}
		cases = append(cases, Case{Name: fmt.Sprintf("categorical_hinge %dx%d", rows, cols), Terms: cols, Build: one(func(in *Inputs) ops.CategoricalHinge {
			p, t := scores(in)
			return ops.CategoricalHinge{P: p, T: t, Losses: in.Result(rows), Rows: rows, Cols: cols}
		})}, Case{Name: fmt.Sprintf("categorical_hinge_grad %dx%d", rows, cols), Build: one(func(in *Inputs) ops.CategoricalHingeGrad {
			p, t := scores(in)
			return ops.CategoricalHingeGrad{P: p, T: t, DLosses: in.Positive(rows), DP: in.Result(rows * cols), Rows: rows, Cols: cols}
		})})
	}
	p, t := []float32{1e4, -1e4, 0, -1e4, 1e4, 100, -1e4, -1e4, -1e4}, []float32{1, 0, 0, 1, 0, 0, 0, 0, 1} // right, wrong and equal
	return append(cases, Case{Name: "categorical_hinge of extremes", Build: one(func(in *Inputs) ops.CategoricalHinge {
		return ops.CategoricalHinge{P: in.Of(p...), T: in.Of(t...), Losses: in.Result(3), Rows: 3, Cols: 3}
	})}, Case{Name: "categorical_hinge_grad of extremes", Build: one(func(in *Inputs) ops.CategoricalHingeGrad {
		return ops.CategoricalHingeGrad{P: in.Of(p...), T: in.Of(t...), DLosses: in.Positive(3), DP: in.Result(9), Rows: 3, Cols: 3}
	})})
}
