package backendtest

import (
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/engine/ops"
)

func constraint(o ops.Constraint) {
	w := f64(o.W)
	for c := range o.Cols {
		norm := 0.0
		for r := range o.Rows {
			norm += w[r*o.Cols+c] * w[r*o.Cols+c]
		}
		norm = math.Sqrt(norm)
		for i := c; i < len(w); i += o.Cols {
			switch o.Kind {
			case ops.MaxNorm:
				if norm > decimal(o.Limit) {
					w[i] *= decimal(o.Limit) / norm
				}
			case ops.UnitNorm:
				w[i] /= norm + 1e-7
			case ops.NonNeg:
				w[i] = math.Max(w[i], 0)
			}
		}
	}
}

func constraintCases() []Case {
	var cases []Case
	for _, s := range matrixSizes {
		for _, kind := range ops.ConstraintKinds() {
			rows, cols := s[0], s[1]
			cases = append(cases, Case{Name: fmt.Sprintf("constraint %v %dx%d", kind, rows, cols), Terms: 8, Scale: 2,
				Build: one(func(in *Inputs) ops.Constraint {
					// columns of different lengths: some within the limit, some of zeros
					w := in.Fill(rows*cols, func(i int) float64 { return in.stream.Normal() * float64(i%cols%4) })
					return ops.Constraint{W: w, Rows: rows, Cols: cols, Kind: kind, Limit: 1.5}
				})})
		}
	}
	return cases
}
