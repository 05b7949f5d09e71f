package backendtest

import (
	"fmt"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

// stepOf returns the n coefficients of the step that the clock tells, as they were meant: a momentum of 0.9.
func stepOf(r ops.Rates, n int) []float64 {
	row := make([]float64, n)
	for i, v := range f64(r.Table)[min(int(u32(r.Clock)[0]), r.Steps-1)*r.Columns+r.First:][:n] {
		row[i] = decimal(float32(v))
	}
	return row
}

func sgd(o ops.SGD) {
	w, g, factors := f64(o.Params), f64(o.Grads), f64(o.Factors)
	row := stepOf(o.Rates, ops.SGDColumns)
	for i := range w {
		block := i / ops.Block
		rate, momentum, decay := row[0]*factors[2*block], row[1], row[2]*factors[2*block+1]
		w[i] -= decay * w[i]
		if !o.HasVelocity() {
			w[i] -= rate * g[i]
			continue
		}
		v := f64(o.Velocity)
		v[i] = momentum*v[i] - rate*g[i]
		if o.Nesterov {
			w[i] += momentum*v[i] - rate*g[i]
		} else {
			w[i] += v[i]
		}
	}
}

func sgdCases() []Case {
	var cases []Case
	for _, n := range []int{1, 3, 63, 64, 65, 127, 128, 129, 255, 256, 257, 1009, 1028} {
		cases = append(cases, sgdCase(n, false, false), sgdCase(n, true, false), sgdCase(n, true, true))
	}
	return append(cases, sgdCase(300_007, false, false), sgdCase(300_007, true, true), sgdCase(300_008, false, false), sgdCase(300_008, true, false))
}

// sgdCase makes five steps, two of them past the table of rates.
func sgdCase(n int, velocity, nesterov bool) Case {
	return Case{Name: fmt.Sprintf("sgd %d velocity %v nesterov %v", n, velocity, nesterov), Terms: 5, Times: 5,
		Build: func(in *Inputs) []backend.Op {
			op := ops.SGD{Params: in.small(n), Grads: in.small(n), Factors: in.factors(n), N: n, Nesterov: nesterov,
				Rates: in.rates(5, 1, 0.5, 0.9, 0.01, 0.25, 0.8, 0.02, 0.125, 0.5, 0.03)}
			if velocity {
				op.Velocity = in.small(n)
			}
			return []backend.Op{op, ops.Advance{Clock: op.Rates.Clock}}
		}}
}

// rates allocates a table with a row of as many columns for each of three steps, with the operation's coefficients from column first on.
func (in *Inputs) rates(columns, first int, coefficients ...float32) ops.Rates {
	const steps = 3
	table, own := make([]float32, steps*columns), len(coefficients)/steps
	for i := range table {
		table[i] = garbage
	}
	for step := range steps {
		copy(table[step*columns+first:], coefficients[step*own:][:own])
	}
	return ops.Rates{Table: in.Of(table...), Clock: in.Indices(0), Steps: steps, Columns: columns, First: first}
}

// factors allocates factors of n parameters that differ from block to block; some are 0.
func (in *Inputs) factors(n int) backend.Region {
	return in.Fill(ops.Factors(n), func(i int) float64 { return float64(i/3%3) / 2 })
}

// small allocates n values in [−1, 1), cheaply enough for millions.
func (in *Inputs) small(n int) backend.Region {
	return in.Fill(n, func(int) float64 { return 2*float64(in.stream.Float32()) - 1 })
}
