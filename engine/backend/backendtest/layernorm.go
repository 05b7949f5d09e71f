package backendtest

import (
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/engine/ops"
)

func layerNorm(o ops.LayerNorm) {
	gamma, cols := f64(o.Gamma), float64(o.Cols)
	for r := range o.Rows {
		x, y := f64(o.X)[r*o.Cols:(r+1)*o.Cols], f64(o.Y)[r*o.Cols:(r+1)*o.Cols]
		mean, variance := 0.0, 0.0
		if !o.RMS {
			for _, v := range x {
				mean += v / cols
			}
		}
		for _, v := range x {
			variance += math.Pow(v-mean, 2) / cols
		}
		invStd := 1 / math.Sqrt(variance+decimal(o.Epsilon))
		for c, v := range x {
			y[c] = (v - mean) * invStd * gamma[c]
		}
		f64(o.Mean)[r], f64(o.InvStd)[r] = mean, invStd
	}
}

func layerNormGrad(o ops.LayerNormGrad) {
	gamma, cols := f64(o.Gamma), float64(o.Cols)
	for r := range o.Rows {
		x, dy, dx := f64(o.X)[r*o.Cols:], f64(o.DY)[r*o.Cols:], f64(o.DX)[r*o.Cols:]
		mean, invStd := f64(o.Mean)[r], f64(o.InvStd)[r]
		sum, product := 0.0, 0.0
		for c := range o.Cols {
			sum += dy[c] * gamma[c] / cols
			product += dy[c] * gamma[c] * (x[c] - mean) * invStd / cols
		}
		if o.RMS {
			sum = 0
		}
		for c := range o.Cols {
			dx[c] = invStd * (dy[c]*gamma[c] - sum - (x[c]-mean)*invStd*product)
		}
	}
}

func layerNormScaleGrad(o ops.LayerNormScaleGrad) {
	for c := range o.Cols {
		sum := 0.0
		for r := range o.Rows {
			i := r*o.Cols + c
			sum += f64(o.DY)[i] * (f64(o.X)[i] - f64(o.Mean)[r]) * f64(o.InvStd)[r]
		}
		f64(o.DGamma)[c] = sum
	}
}

func layerNormCases() []Case {
	var cases []Case
	for _, s := range matrixSizes {
		for _, rms := range []bool{false, true} {
			cases = append(cases, layerNormCase(s[0], s[1], rms, 0.5), layerNormGradCase(s[0], s[1], rms))
		}
		cases = append(cases, layerNormScaleGradCase(s[0], s[1]))
	}
	far := layerNormCase(9, 64, false, 1000) // E[x²] − mean² would lose everything here
	far.Name, far.Scale = "layernorm far from zero", 1000
	return append(cases, far)
}

func layerNormCase(rows, cols int, rms bool, mean float64) Case {
	return Case{Name: fmt.Sprintf("layernorm %dx%d rms %v", rows, cols, rms), Terms: cols, Scale: largestInvStd(cols), Build: one(func(in *Inputs) ops.LayerNorm {
		return ops.LayerNorm{X: in.Normal(rows*cols, mean, 1), Gamma: in.Positive(cols), Y: in.Result(rows * cols),
			Mean: in.Result(rows), InvStd: in.Result(rows), Rows: rows, Cols: cols, Epsilon: 1e-3, RMS: rms}
	})}
}

func layerNormGradCase(rows, cols int, rms bool) Case {
	return Case{Name: fmt.Sprintf("layernorm_grad %dx%d rms %v", rows, cols, rms), Terms: cols, Scale: 8, Build: one(func(in *Inputs) ops.LayerNormGrad {
		return ops.LayerNormGrad{X: in.Normal(rows*cols, 0.5, 1), DY: in.Normal(rows*cols, 0.1, 1), Gamma: in.Positive(cols),
			Mean: in.Normal(rows, 0.5, 0.1), InvStd: in.Positive(rows), DX: in.Result(rows * cols), Rows: rows, Cols: cols, RMS: rms}
	})}
}

func layerNormScaleGradCase(rows, cols int) Case {
	return Case{Name: fmt.Sprintf("layernorm_scale_grad %dx%d", rows, cols), Terms: rows, Scale: 4, Build: one(func(in *Inputs) ops.LayerNormScaleGrad {
		return ops.LayerNormScaleGrad{X: in.Normal(rows*cols, 0.5, 1), DY: in.Normal(rows*cols, 0.1, 1),
			Mean: in.Normal(rows, 0.5, 0.1), InvStd: in.Positive(rows), DGamma: in.Result(cols), Rows: rows, Cols: cols}
	})}
}
