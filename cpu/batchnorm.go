package cpu

import (
	"math"

	"github.com/gradus-ml/gradus/engine/ops"
)

func batchNorm(o ops.BatchNorm) *job { return batchNormKeeping(o, nil) }

// batchNormKeeping is batchNorm that keeps x̂ = (x − mean)·inv_std as well, if there is a place for it.
func batchNormKeeping(o ops.BatchNorm, kept []float32) *job {
	numbers := [6]float32{1 / float32(o.Rows), o.Epsilon, o.Momentum, float32(1 - float64(o.Momentum))}
	k := batchNormKernel
	if kept != nil {
		k = batchNormKeepingKernel
	}
	v, ok := vector(o.X, k, numbers)
	if !ok {
		return plainBatchNorm(o)
	}
	if kept == nil {
		kept = f32(o.Y) // not touched
	}
	x, y, gamma, beta := f32(o.X), f32(o.Y), f32(o.Gamma), f32(o.Beta)
	movingMean, movingVariance, mean, invStd := f32(o.MovingMean), f32(o.MovingVariance), f32(o.Mean), f32(o.InvStd)
	return spans(o.Cols, 6*o.Rows, func(from, to int) {
		v.columns(o.Rows, o.Cols, from, to, x, y, kept, gamma, beta, movingMean, movingVariance, mean, invStd)
	})
}

// plainBatchNorm walks the rows once for the means, once for the variances and once for the results, a block of
// columns at a time. Sums are in float64.
func plainBatchNorm(o ops.BatchNorm) *job {
	x, y, mean, invStd := f32(o.X), f32(o.Y), f32(o.Mean), f32(o.InvStd)
	gamma, beta := f32(o.Gamma), f32(o.Beta)
	movingMean, movingVariance := f32(o.MovingMean), f32(o.MovingVariance)
	means, variances := make([]float64, o.Cols), make([]float64, o.Cols)
	momentum, epsilon := float64(o.Momentum), float64(o.Epsilon)
	return ranges(o.Cols, 6*o.Rows, func(from, to int) {
		m, v := means[from:to], variances[from:to]
		columnMeans(x, o.Rows, o.Cols, from, m)
		columnVariances(x, o.Rows, o.Cols, from, m, v)
		for c := range m {
			i := from + c
			mean[i], invStd[i] = float32(m[c]), float32(1/math.Sqrt(v[c]+epsilon))
			movingMean[i] = float32(momentum*float64(movingMean[i]) + (1-momentum)*m[c])
			movingVariance[i] = float32(momentum*float64(movingVariance[i]) + (1-momentum)*v[c])
		}
		for r := range o.Rows {
			normalise(x[r*o.Cols+from:r*o.Cols+to], y[r*o.Cols+from:], mean[from:], invStd[from:], gamma[from:], beta[from:])
		}
	})
}

// columnMeans writes the means of columns from, from+1 … to m.
func columnMeans(x []float32, rows, cols, from int, m []float64) {
	clear(m)
	for r := range rows {
		for c, v := range x[r*cols+from:][:len(m)] {
			m[c] += float64(v)
		}
	}
	for c := range m {
		m[c] /= float64(rows)
	}
}

// columnVariances writes the biased variances around the means m to v.
func columnVariances(x []float32, rows, cols, from int, m, v []float64) {
	clear(v)
	for r := range rows {
		for c, value := range x[r*cols+from:][:len(m)] {
			d := float64(value) - m[c]
			v[c] += d * d
		}
	}
	for c := range v {
		v[c] /= float64(rows)
	}
}

// normalise computes one row: y = (x − mean)·invStd·gamma + beta.
func normalise(x, y, mean, invStd, gamma, beta []float32) {
	n := len(x)
	y, mean, invStd, gamma, beta = y[:n], mean[:n], invStd[:n], gamma[:n], beta[:n]
	for c, v := range x {
		y[c] = (v-mean[c])*invStd[c]*gamma[c] + beta[c]
	}
}

func batchNormGrad(o ops.BatchNormGrad) *job {
	v, ok := vector(o.X, batchNormGradKernel, [6]float32{1 / float32(o.Rows)})
	if !ok {
		return plainBatchNormGrad(o)
	}
	x, dy, dx, gamma := f32(o.X), f32(o.DY), f32(o.DX), f32(o.Gamma)
	mean, invStd, dgamma, dbeta := f32(o.Mean), f32(o.InvStd), f32(o.DGamma), f32(o.DBeta)
	return spans(o.Cols, 6*o.Rows, func(from, to int) {
		v.columns(o.Rows, o.Cols, from, to, x, dy, dx, gamma, mean, invStd, dgamma, dbeta)
	})
}

func plainBatchNormGrad(o ops.BatchNormGrad) *job {
	x, dy, dx, gamma := f32(o.X), f32(o.DY), f32(o.DX), f32(o.Gamma)
	mean, invStd, dgamma, dbeta := f32(o.Mean), f32(o.InvStd), f32(o.DGamma), f32(o.DBeta)
	betas, gammas := make([]float64, o.Cols), make([]float64, o.Cols)
	return ranges(o.Cols, 6*o.Rows, func(from, to int) {
		b, g := betas[from:to], gammas[from:to]
		clear(b)
		clear(g)
		for r := range o.Rows {
			row := r*o.Cols + from
			gradSums(x[row:], dy[row:], mean[from:], invStd[from:], b, g)
		}
		for c := range b {
			dbeta[from+c], dgamma[from+c] = float32(b[c]), float32(g[c])
			b[c] /= float64(o.Rows)
			g[c] /= float64(o.Rows)
		}
		for r := range o.Rows {
			for c := from; c < to; c++ {
				i := r*o.Cols + c
				scaled := (x[i] - mean[c]) * invStd[c]
				dx[i] = gamma[c] * invStd[c] * float32(float64(dy[i])-b[c-from]-float64(scaled)*g[c-from])
			}
		}
	})
}

// gradSums adds one row to Σ dy and Σ dy·x̂.
func gradSums(x, dy, mean, invStd []float32, b, g []float64) {
	n := len(b)
	x, dy, mean, invStd, g = x[:n], dy[:n], mean[:n], invStd[:n], g[:n]
	for c := range b {
		b[c] += float64(dy[c])
		g[c] += float64(dy[c]) * float64((x[c]-mean[c])*invStd[c])
	}
}

func batchNormInference(o ops.BatchNormInference) *job {
	x, y, gamma, beta := f32(o.X), f32(o.Y), f32(o.Gamma), f32(o.Beta)
	mean, variance := f32(o.MovingMean), f32(o.MovingVariance)
	invStd := make([]float32, o.Cols)
	v, fast := vector(o.X, normaliseKernel, [6]float32{})
	return whole(func() {
		for c := range invStd {
			invStd[c] = float32(1 / math.Sqrt(float64(variance[c])+float64(o.Epsilon)))
		}
		for r := range o.Rows {
			if fast {
				v.elements(0, o.Cols, x[r*o.Cols:], y[r*o.Cols:], mean, invStd, gamma, beta)
			} else {
				normalise(x[r*o.Cols:(r+1)*o.Cols], y[r*o.Cols:], mean, invStd, gamma, beta)
			}
		}
	})
}

func batchNormInferenceGrad(o ops.BatchNormInferenceGrad) *job {
	dy, dx, gamma, variance := f32(o.DY), f32(o.DX), f32(o.Gamma), f32(o.MovingVariance)
	factors := make([]float32, o.Cols)
	return whole(func() {
		for c := range factors {
			factors[c] = float32(float64(gamma[c]) / math.Sqrt(float64(variance[c])+float64(o.Epsilon)))
		}
		for r := range o.Rows {
			up, down := dy[r*o.Cols:][:o.Cols], dx[r*o.Cols:][:o.Cols]
			for c, v := range factors {
				down[c] = up[c] * v
			}
		}
	})
}
