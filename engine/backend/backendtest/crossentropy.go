package backendtest

import (
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/engine/ops"
)

func crossEntropy(o ops.CrossEntropy) {
	for r := range o.Rows {
		x := f64(o.X)[r*o.Cols : (r+1)*o.Cols]
		_, logSum := probabilities(x)
		f64(o.Losses)[r] = math.NaN()
		if label := int(u32(o.Labels)[r]); label < o.Cols {
			f64(o.Losses)[r] = logSum - x[label]
		}
	}
}

func crossEntropyGrad(o ops.CrossEntropyGrad) {
	for r := range o.Rows {
		p, _ := probabilities(f64(o.X)[r*o.Cols : (r+1)*o.Cols])
		if label := int(u32(o.Labels)[r]); label < o.Cols {
			p[label]--
		}
		for c, v := range p {
			f64(o.DX)[r*o.Cols+c] = v * f64(o.DLosses)[r]
		}
	}
}

func crossEntropyCases() []Case {
	var cases []Case
	for _, s := range matrixSizes {
		cases = append(cases, crossEntropyCase("", s[0], s[1], 0, 2), crossEntropyGradCase("", s[0], s[1], 0, 2))
	}
	for _, row := range scoreRows {
		cases = append(cases, crossEntropyCase(row.name, 33, 17, row.mean, row.deviation),
			crossEntropyGradCase(row.name, 33, 17, row.mean, row.deviation))
	}
	return cases
}

func crossEntropyCase(name string, rows, cols int, mean, deviation float64) Case {
	return Case{Name: fmt.Sprintf("crossentropy %dx%d%s", rows, cols, name), Terms: cols, Scale: max(1, mean, -mean),
		Build: one(func(in *Inputs) ops.CrossEntropy {
			x, labels := scores(in, rows, cols, mean, deviation)
			return ops.CrossEntropy{X: x, Labels: labels, Losses: in.Result(rows), Rows: rows, Cols: cols}
		})}
}

func crossEntropyGradCase(name string, rows, cols int, mean, deviation float64) Case {
	return Case{Name: fmt.Sprintf("crossentropy_grad %dx%d%s", rows, cols, name), Terms: cols,
		Build: one(func(in *Inputs) ops.CrossEntropyGrad {
			x, labels := scores(in, rows, cols, mean, deviation)
			return ops.CrossEntropyGrad{X: x, Labels: labels, DLosses: in.Positive(rows), DX: in.Result(rows * cols), Rows: rows, Cols: cols}
		})}
}
