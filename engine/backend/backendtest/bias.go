package backendtest

import (
	"fmt"

	"github.com/gradus-ml/gradus/engine/ops"
)

func bias(o ops.Bias) {
	x, b, y := f64(o.X), f64(o.Bias), f64(o.Y)
	for i := range y {
		y[i] = x[i] + b[i%o.Cols]
	}
}

func biasGrad(o ops.BiasGrad) {
	dy, db := f64(o.DY), f64(o.DBias)
	for c := range o.Cols {
		db[c] = 0
		for r := range o.Rows {
			db[c] += dy[r*o.Cols+c]
		}
	}
}

// matrixSizes are rows and columns for operations on matrices: single elements, odd shapes, the edges of
// workgroups of 16 to 256, the seed network's, and more rows or columns than one dimension has workgroups.
var matrixSizes = [][2]int{
	{1, 1}, {1, 3}, {3, 1}, {2, 5}, {7, 8}, {8, 31}, {8, 32}, {9, 33}, {15, 63}, {16, 64}, {17, 65}, {31, 127}, {32, 128}, {33, 129},
	{5, 255}, {4, 256}, {3, 257}, {257, 3}, {1, 1009}, {1009, 1}, {32, 784}, {32, 300}, {32, 100}, {32, 10}, {7, 10}, {256, 10}, {70_001, 2}, {2, 70_001},
}

func biasCases() []Case {
	var cases []Case
	for _, s := range matrixSizes {
		rows, cols := s[0], s[1]
		cases = append(cases, Case{Name: fmt.Sprintf("bias %dx%d", rows, cols), Build: one(func(in *Inputs) ops.Bias {
			return ops.Bias{X: in.Normal(rows*cols, 0, 1), Bias: in.Normal(cols, 0, 1), Y: in.Result(rows * cols), Rows: rows, Cols: cols}
		})}, Case{Name: fmt.Sprintf("bias_grad %dx%d", rows, cols), Terms: rows, Build: one(func(in *Inputs) ops.BiasGrad {
			return ops.BiasGrad{DY: in.Normal(rows*cols, 0, 1), DBias: in.Result(cols), Rows: rows, Cols: cols}
		})})
	}
	return cases
}
