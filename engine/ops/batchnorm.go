package ops

import "github.com/gradus-ml/gradus/engine/backend"

// BatchNorm normalises each column over the batch while training (Ioffe and Szegedy, 2015; Keras's BatchNormalization):
//
//	μ[c]  = Σ_r x[r,c] / Rows
//	σ²[c] = Σ_r (x[r,c] − μ[c])² / Rows
//	inv_std[c] = 1 / √(σ²[c] + Epsilon)
//	y[r,c] = (x[r,c] − μ[c])·inv_std[c]·gamma[c] + beta[c]
//	moving_mean[c]     = Momentum·moving_mean[c]     + (1 − Momentum)·μ[c]
//	moving_variance[c] = Momentum·moving_variance[c] + (1 − Momentum)·σ²[c]
//
// X and Y are [Rows×Cols], everything else [Cols]. Mean and InvStd are kept for the gradient.
type BatchNorm struct {
	X, Gamma, Beta             backend.Region
	MovingMean, MovingVariance backend.Region
	Y, Mean, InvStd            backend.Region
	Rows, Cols                 int
	Momentum, Epsilon          float32
}

// Name returns "batchnorm".
func (BatchNorm) Name() string { return "batchnorm" }

// Check implements backend.Op.
func (o BatchNorm) Check() error {
	c := checker{name: o.Name()}
	c.matrix(o.Rows, o.Cols)
	c.within("momentum", o.Momentum, 0, 1)
	c.within("epsilon", o.Epsilon, 0, 1)
	c.f32(o.Rows*o.Cols, named{"x", o.X}, named{"y", o.Y})
	c.f32(o.Cols, named{"gamma", o.Gamma}, named{"beta", o.Beta},
		named{"moving_mean", o.MovingMean}, named{"moving_variance", o.MovingVariance},
		named{"mean", o.Mean}, named{"inv_std", o.InvStd})
	return c.err
}

// Operands implements backend.Op.
func (o BatchNorm) Operands() []backend.Operand {
	return []backend.Operand{
		reads("x", o.X), reads("gamma", o.Gamma), reads("beta", o.Beta),
		updates("moving_mean", o.MovingMean), updates("moving_variance", o.MovingVariance),
		writes("y", o.Y), writes("mean", o.Mean), writes("inv_std", o.InvStd),
	}
}

// Cost implements backend.Op.
func (o BatchNorm) Cost() backend.Cost { return cost(o, 8*o.Rows*o.Cols) }

// BatchNormGrad is the gradient of BatchNorm. With x̂ = (x − mean)·inv_std:
//
//	dbeta[c]  = Σ_r dy[r,c]
//	dgamma[c] = Σ_r dy[r,c]·x̂[r,c]
//	dx[r,c]   = gamma[c]·inv_std[c]·(dy[r,c] − dbeta[c]/Rows − x̂[r,c]·dgamma[c]/Rows)
//
// X, DY and DX are [Rows×Cols], everything else [Cols].
type BatchNormGrad struct {
	X, DY, Gamma, Mean, InvStd backend.Region
	DX, DGamma, DBeta          backend.Region
	Rows, Cols                 int
}

// Name returns "batchnorm_grad".
func (BatchNormGrad) Name() string { return "batchnorm_grad" }

// Check implements backend.Op.
func (o BatchNormGrad) Check() error {
	c := checker{name: o.Name()}
	c.matrix(o.Rows, o.Cols)
	c.f32(o.Rows*o.Cols, named{"x", o.X}, named{"dy", o.DY}, named{"dx", o.DX})
	c.f32(o.Cols, named{"gamma", o.Gamma}, named{"mean", o.Mean}, named{"inv_std", o.InvStd},
		named{"dgamma", o.DGamma}, named{"dbeta", o.DBeta})
	return c.err
}

// Operands implements backend.Op.
func (o BatchNormGrad) Operands() []backend.Operand {
	return []backend.Operand{
		reads("x", o.X), reads("dy", o.DY), reads("gamma", o.Gamma), reads("mean", o.Mean), reads("inv_std", o.InvStd),
		writes("dx", o.DX), writes("dgamma", o.DGamma), writes("dbeta", o.DBeta),
	}
}

// Cost implements backend.Op.
func (o BatchNormGrad) Cost() backend.Cost { return cost(o, 11*o.Rows*o.Cols) }

// BatchNormInference normalises each column by the moving averages:
//
//	y[r,c] = (x[r,c] − moving_mean[c])·gamma[c] / √(moving_variance[c] + Epsilon) + beta[c]
//
// X and Y are [Rows×Cols], everything else [Cols].
type BatchNormInference struct {
	X, Gamma, Beta, MovingMean, MovingVariance, Y backend.Region
	Rows, Cols                                    int
	Epsilon                                       float32
}

// Name returns "batchnorm_inference".
func (BatchNormInference) Name() string { return "batchnorm_inference" }

// Check implements backend.Op.
func (o BatchNormInference) Check() error {
	c := checker{name: o.Name()}
	c.matrix(o.Rows, o.Cols)
	c.within("epsilon", o.Epsilon, 0, 1)
	c.f32(o.Rows*o.Cols, named{"x", o.X}, named{"y", o.Y})
	c.f32(o.Cols, named{"gamma", o.Gamma}, named{"beta", o.Beta},
		named{"moving_mean", o.MovingMean}, named{"moving_variance", o.MovingVariance})
	return c.err
}

// Operands implements backend.Op.
func (o BatchNormInference) Operands() []backend.Operand {
	return []backend.Operand{
		reads("x", o.X), reads("gamma", o.Gamma), reads("beta", o.Beta),
		reads("moving_mean", o.MovingMean), reads("moving_variance", o.MovingVariance), writes("y", o.Y),
	}
}

// Cost implements backend.Op.
func (o BatchNormInference) Cost() backend.Cost { return cost(o, 4*o.Rows*o.Cols) }

// BatchNormInferenceGrad is the gradient of BatchNormInference with respect to x, for a layer that is frozen:
//
//	dx[r,c] = dy[r,c]·gamma[c] / √(moving_variance[c] + Epsilon)
//
// DY and DX are [Rows×Cols], Gamma and MovingVariance [Cols].
type BatchNormInferenceGrad struct {
	DY, Gamma, MovingVariance, DX backend.Region
	Rows, Cols                    int
	Epsilon                       float32
}

// Name returns "batchnorm_inference_grad".
func (BatchNormInferenceGrad) Name() string { return "batchnorm_inference_grad" }

// Check implements backend.Op.
func (o BatchNormInferenceGrad) Check() error {
	c := checker{name: o.Name()}
	c.matrix(o.Rows, o.Cols)
	c.within("epsilon", o.Epsilon, 0, 1)
	c.f32(o.Rows*o.Cols, named{"dy", o.DY}, named{"dx", o.DX})
	c.f32(o.Cols, named{"gamma", o.Gamma}, named{"moving_variance", o.MovingVariance})
	return c.err
}

// Operands implements backend.Op.
func (o BatchNormInferenceGrad) Operands() []backend.Operand {
	return []backend.Operand{reads("dy", o.DY), reads("gamma", o.Gamma), reads("moving_variance", o.MovingVariance), writes("dx", o.DX)}
}

// Cost implements backend.Op.
func (o BatchNormInferenceGrad) Cost() backend.Cost { return cost(o, 3*o.Rows*o.Cols) }
