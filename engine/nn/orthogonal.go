package nn

import (
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/engine/random"
)

// Orthogonal makes a matrix Q with orthonormal columns, times gain (Saxe, McClelland and Ganguli, 2014; Keras's Orthogonal, whose default
// gain is 1):
//
//	A = Q·R,  A normal of [max(rows cols) min(rows cols)],  R's diagonal positive,  values = gain·Q, or gain·Qᵀ if rows < cols
//
// so that valuesᵀ·values = gain²·I, or values·valuesᵀ where there are fewer rows. The last axis of the variable is the columns; the others,
// of which there must be one, are folded to the rows. gain is positive. Computed in float64 on the host.
func Orthogonal(gain float64) Initializer {
	return Initializer{name: "orthogonal", own: orthogonal{gain}}
}

type orthogonal struct{ gain float64 }

func (o orthogonal) check() error {
	if !(o.gain > 0) || math.IsInf(o.gain, 0) {
		return fmt.Errorf("initializer orthogonal: gain is %v, want a positive number", o.gain)
	}
	return nil
}

func (o orthogonal) fill(shape []int) func(s *random.Stream, dst []float32) {
	cols := shape[len(shape)-1]
	return func(s *random.Stream, dst []float32) {
		rows := len(dst) / cols
		q := normalColumns(s, max(rows, cols), min(rows, cols))
		orthonormalise(q)
		for i := range dst {
			row, col := i/cols, i%cols
			if rows < cols {
				row, col = col, row
			}
			dst[i] = float32(o.gain * q[col][row])
		}
	}
}

// normalColumns draws a matrix row by row, as a variable is filled, and returns its columns.
func normalColumns(s *random.Stream, rows, cols int) [][]float64 {
	columns := make([][]float64, cols)
	for c := range columns {
		columns[c] = make([]float64, rows)
	}
	for r := range rows {
		for c := range columns {
			columns[c][r] = s.Normal()
		}
	}
	return columns
}

// orthonormalise replaces the columns of A by those of Q in A = Q·R, R's diagonal positive, by Gram and Schmidt's method. Each column is
// reduced twice, which is enough to be orthogonal to rounding (Giraud, Langou, Rozložník and van den Eshof, 2005).
func orthonormalise(columns [][]float64) {
	for c, column := range columns {
		for range 2 {
			for _, q := range columns[:c] {
				subtract(column, q, dot(q, column))
			}
		}
		norm := math.Sqrt(dot(column, column))
		for i := range column {
			column[i] /= norm
		}
	}
}

// subtract computes x ← x − factor·q.
func subtract(x, q []float64, factor float64) {
	for i, v := range q[:len(x)] {
		x[i] -= factor * v
	}
}

// dot adds in four chains, which a processor runs side by side; their order is fixed.
func dot(x, y []float64) float64 {
	var sums [4]float64
	i := 0
	for ; i+4 <= len(x); i += 4 {
		a, b := x[i:i+4:i+4], y[i:i+4:i+4]
		sums[0] += a[0] * b[0]
		sums[1] += a[1] * b[1]
		sums[2] += a[2] * b[2]
		sums[3] += a[3] * b[3]
	}
	for ; i < len(x); i++ {
		sums[0] += x[i] * y[i]
	}
	return sums[0] + sums[1] + (sums[2] + sums[3])
}
