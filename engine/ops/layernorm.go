package ops

import "github.com/gradus-ml/gradus/engine/backend"

// LayerNorm normalises each row by itself (Ba, Kiros and Hinton, 2016; Keras's LayerNormalization without its beta, which is a
// Bias):
//
//	mean[r]    = Σ_c x[r,c] / Cols, or 0 with RMS
//	inv_std[r] = 1 / √(Σ_c (x[r,c] − mean[r])² / Cols + Epsilon)
//	y[r,c]     = (x[r,c] − mean[r])·inv_std[r]·gamma[c]
//
// With RMS it is root mean square normalisation (Zhang and Sennrich, 2019). X and Y are [Rows×Cols], Gamma [Cols], Mean and
// InvStd [Rows]; the last two are kept for the gradients.
type LayerNorm struct {
	X, Gamma, Y, Mean, InvStd backend.Region
	Rows, Cols                int
	Epsilon                   float32
	RMS                       bool
}

// Name returns "layernorm".
func (LayerNorm) Name() string { return "layernorm" }

// Check implements backend.Op.
func (o LayerNorm) Check() error {
	c := checker{name: o.Name()}
	c.matrix(o.Rows, o.Cols)
	c.within("epsilon", o.Epsilon, 0, 1)
	c.f32(o.Rows*o.Cols, named{"x", o.X}, named{"y", o.Y})
	c.f32(o.Cols, named{"gamma", o.Gamma})
	c.f32(o.Rows, named{"mean", o.Mean}, named{"inv_std", o.InvStd})
	return c.err
}

// Operands implements backend.Op.
func (o LayerNorm) Operands() []backend.Operand {
	return []backend.Operand{reads("x", o.X), reads("gamma", o.Gamma), writes("y", o.Y), writes("mean", o.Mean), writes("inv_std", o.InvStd)}
}

// Cost implements backend.Op.
func (o LayerNorm) Cost() backend.Cost { return cost(o, 7*o.Rows*o.Cols) }

// LayerNormGrad is the gradient of LayerNorm with respect to x. With x̂ = (x − mean)·inv_std and h = dy·gamma:
//
//	dx[r,c] = inv_std[r]·(h[r,c] − Σ_j h[r,j]/Cols − x̂[r,c]·Σ_j h[r,j]·x̂[r,j]/Cols)
//
// With RMS the term Σ_j h[r,j]/Cols is left out. X, DY and DX are [Rows×Cols], Gamma [Cols], Mean and InvStd [Rows].
type LayerNormGrad struct {
	X, DY, Gamma, Mean, InvStd, DX backend.Region
	Rows, Cols                     int
	RMS                            bool
}

// Name returns "layernorm_grad".
func (LayerNormGrad) Name() string { return "layernorm_grad" }

// Check implements backend.Op.
func (o LayerNormGrad) Check() error {
	c := checker{name: o.Name()}
	c.matrix(o.Rows, o.Cols)
	c.f32(o.Rows*o.Cols, named{"x", o.X}, named{"dy", o.DY}, named{"dx", o.DX})
	c.f32(o.Cols, named{"gamma", o.Gamma})
	c.f32(o.Rows, named{"mean", o.Mean}, named{"inv_std", o.InvStd})
	return c.err
}

// Operands implements backend.Op.
func (o LayerNormGrad) Operands() []backend.Operand {
	return []backend.Operand{reads("x", o.X), reads("dy", o.DY), reads("gamma", o.Gamma), reads("mean", o.Mean),
		reads("inv_std", o.InvStd), writes("dx", o.DX)}
}

// Cost implements backend.Op.
func (o LayerNormGrad) Cost() backend.Cost { return cost(o, 11*o.Rows*o.Cols) }

// LayerNormScaleGrad is the gradient of LayerNorm with respect to gamma: dgamma[c] = Σ_r dy[r,c]·(x[r,c] − mean[r])·inv_std[r].
// X and DY are [Rows×Cols], Mean and InvStd [Rows], DGamma [Cols].
type LayerNormScaleGrad struct {
	X, DY, Mean, InvStd, DGamma backend.Region
	Rows, Cols                  int
}

// Name returns "layernorm_scale_grad".
func (LayerNormScaleGrad) Name() string { return "layernorm_scale_grad" }

// Check implements backend.Op.
func (o LayerNormScaleGrad) Check() error {
	c := checker{name: o.Name()}
	c.matrix(o.Rows, o.Cols)
	c.f32(o.Rows*o.Cols, named{"x", o.X}, named{"dy", o.DY})
	c.f32(o.Rows, named{"mean", o.Mean}, named{"inv_std", o.InvStd})
	c.f32(o.Cols, named{"dgamma", o.DGamma})
	return c.err
}

// Operands implements backend.Op.
func (o LayerNormScaleGrad) Operands() []backend.Operand {
	return []backend.Operand{reads("x", o.X), reads("dy", o.DY), reads("mean", o.Mean), reads("inv_std", o.InvStd), writes("dgamma", o.DGamma)}
}

// Cost implements backend.Op.
func (o LayerNormScaleGrad) Cost() backend.Cost { return cost(o, 4*o.Rows*o.Cols) }
