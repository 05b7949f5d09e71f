package backendtest

import (
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

func batchNorm(o ops.BatchNorm) {
	x, y, gamma, beta := f64(o.X), f64(o.Y), f64(o.Gamma), f64(o.Beta)
	movingMean, movingVariance := f64(o.MovingMean), f64(o.MovingVariance)
	rows, momentum := float64(o.Rows), decimal(o.Momentum)
	for c := range o.Cols {
		mean, variance := 0.0, 0.0
		for r := range o.Rows {
			mean += x[r*o.Cols+c] / rows
		}
		for r := range o.Rows {
			variance += math.Pow(x[r*o.Cols+c]-mean, 2) / rows
		}
		invStd := 1 / math.Sqrt(variance+decimal(o.Epsilon))
		for r := range o.Rows {
			y[r*o.Cols+c] = (x[r*o.Cols+c]-mean)*invStd*gamma[c] + beta[c]
		}
		f64(o.Mean)[c], f64(o.InvStd)[c] = mean, invStd
		movingMean[c] = momentum*movingMean[c] + (1-momentum)*mean
		movingVariance[c] = momentum*movingVariance[c] + (1-momentum)*variance
	}
}

func batchNormGrad(o ops.BatchNormGrad) {
	x, dy, dx, gamma := f64(o.X), f64(o.DY), f64(o.DX), f64(o.Gamma)
	rows := float64(o.Rows)
	for c := range o.Cols {
		mean, invStd := f64(o.Mean)[c], f64(o.InvStd)[c]
		dgamma, dbeta := 0.0, 0.0
		for r := range o.Rows {
			i := r*o.Cols + c
			dbeta += dy[i]
			dgamma += dy[i] * (x[i] - mean) * invStd
		}
		for r := range o.Rows {
			i := r*o.Cols + c
			dx[i] = gamma[c] * invStd * (dy[i] - dbeta/rows - (x[i]-mean)*invStd*dgamma/rows)
		}
		f64(o.DGamma)[c], f64(o.DBeta)[c] = dgamma, dbeta
	}
}

func batchNormInference(o ops.BatchNormInference) {
	x, y := f64(o.X), f64(o.Y)
	for i := range y {
		c := i % o.Cols
		y[i] = (x[i]-f64(o.MovingMean)[c])*f64(o.Gamma)[c]/math.Sqrt(f64(o.MovingVariance)[c]+decimal(o.Epsilon)) + f64(o.Beta)[c]
	}
}

func batchNormInferenceGrad(o ops.BatchNormInferenceGrad) {
	dy, dx := f64(o.DY), f64(o.DX)
	for i := range dx {
		c := i % o.Cols
		dx[i] = dy[i] * f64(o.Gamma)[c] / math.Sqrt(f64(o.MovingVariance)[c]+decimal(o.Epsilon))
	}
}

func batchNormCases() []Case {
	var cases []Case
	for _, s := range matrixSizes {
		cases = append(cases, batchNormCase(s[0], s[1], 0), batchNormGradCase(s[0], s[1]), batchNormInferenceCase(s[0], s[1]),
			batchNormInferenceGradCase(s[0], s[1]))
	}
	offset := batchNormCase(64, 9, 1000) // E[x²] − μ² would lose everything here
	offset.Name, offset.Scale = "batchnorm far from zero", 1000
	repeated := batchNormCase(9, 5, 1)
	repeated.Name, repeated.Times = "batchnorm three times", 3
	return append(cases, offset, repeated, batchNormOfEquals())
}

func batchNormCase(rows, cols int, mean float64) Case {
	return Case{Name: fmt.Sprintf("batchnorm %dx%d", rows, cols), Terms: rows, Scale: largestInvStd(rows), Build: one(func(in *Inputs) ops.BatchNorm {
		return batchNormOn(in, in.Normal(rows*cols, mean, 1), rows, cols)
	})}
}

// largestInvStd is by how much the rounding of a mean can grow: a few rows may happen to be almost equal, and then the variance
// is hardly more than epsilon.
func largestInvStd(rows int) float64 {
	if rows < 8 {
		return 1 / math.Sqrt(1e-3)
	}
	return 2
}

// batchNormOn has its variables in arenas, as a model has.
func batchNormOn(in *Inputs, x backend.Region, rows, cols int) ops.BatchNorm {
	value := func(int, int) float64 { return 0.5 + float64(in.stream.Float32()) }
	params, state := in.Arena([]int{cols, cols}, value), in.Arena([]int{cols, cols}, value)
	return ops.BatchNorm{X: x, Gamma: params[0], Beta: params[1], MovingMean: state[0], MovingVariance: state[1],
		Y: in.Result(rows * cols), Mean: in.Result(cols), InvStd: in.Result(cols),
		Rows: rows, Cols: cols, Momentum: 0.99, Epsilon: 1e-3}
}

// batchNormOfEquals normalises columns without variance: the result is beta.
func batchNormOfEquals() Case {
	return Case{Name: "batchnorm of equal rows", Terms: 8, Build: one(func(in *Inputs) ops.BatchNorm {
		return batchNormOn(in, in.Fill(8*3, func(i int) float64 { return float64(i%3) * 0.5 }), 8, 3)
	})}
}

func batchNormGradCase(rows, cols int) Case {
	return Case{Name: fmt.Sprintf("batchnorm_grad %dx%d", rows, cols), Terms: rows, Scale: 4, Build: one(func(in *Inputs) ops.BatchNormGrad {
		grads := in.Arena([]int{cols, cols}, func(int, int) float64 { return garbage })
		return ops.BatchNormGrad{X: in.Normal(rows*cols, 0.5, 1), DY: in.Normal(rows*cols, 0.1, 1), Gamma: in.Positive(cols),
			Mean: in.Normal(cols, 0.5, 0.1), InvStd: in.Positive(cols), DX: in.Result(rows * cols), DGamma: grads[0], DBeta: grads[1],
			Rows: rows, Cols: cols}
	})}
}

func batchNormInferenceCase(rows, cols int) Case {
	return Case{Name: fmt.Sprintf("batchnorm_inference %dx%d", rows, cols), Terms: 4, Scale: 4, Build: one(func(in *Inputs) ops.BatchNormInference {
		return ops.BatchNormInference{X: in.Normal(rows*cols, 0.5, 1), Gamma: in.Positive(cols), Beta: in.Normal(cols, 0, 1),
			MovingMean: in.Normal(cols, 0.5, 1), MovingVariance: in.Positive(cols), Y: in.Result(rows * cols),
			Rows: rows, Cols: cols, Epsilon: 1e-3}
	})}
}

func batchNormInferenceGradCase(rows, cols int) Case {
	return Case{Name: fmt.Sprintf("batchnorm_inference_grad %dx%d", rows, cols), Terms: 2, Scale: 2,
		Build: one(func(in *Inputs) ops.BatchNormInferenceGrad {
			return ops.BatchNormInferenceGrad{DY: in.Normal(rows*cols, 0, 1), Gamma: in.Positive(cols), MovingVariance: in.Positive(cols),
				DX: in.Result(rows * cols), Rows: rows, Cols: cols, Epsilon: 1e-3}
		})}
}
