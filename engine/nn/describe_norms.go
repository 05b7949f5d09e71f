package nn

// normText are the options of normalisation layers; each has those that it has.
type normText struct {
	Epsilon float32 `json:"epsilon"`
}

type affineText struct {
	Center           bool            `json:"center"`
	Scale            bool            `json:"scale"`
	BetaInitializer  initializerText `json:"beta_initializer"`
	GammaInitializer initializerText `json:"gamma_initializer"`
}

type layerNormText struct {
	normText
	affineText
}

type batchNormText struct {
	normText
	affineText
	Axis                      Axis            `json:"axis"`
	Momentum                  float32         `json:"momentum"`
	MovingMeanInitializer     initializerText `json:"moving_mean_initializer"`
	MovingVarianceInitializer initializerText `json:"moving_variance_initializer"`
}

type statisticsText struct {
	Mean     []float64 `json:"mean"`
	Variance []float64 `json:"variance"`
}

func (a affine) text() affineText {
	return affineText{!a.noCenter, !a.noScale, textOfInitializer(a.shiftInit.or(Zeros)), textOfInitializer(a.scaleInit.or(Ones))}
}

func (t affineText) affine() (a affine, err error) {
	a.noCenter, a.noScale = !t.Center, !t.Scale
	if a.shiftInit, err = t.BetaInitializer.initializer(); err != nil {
		return a, named("beta", err)
	}
	a.scaleInit, err = t.GammaInitializer.initializer()
	return a, named("gamma", err)
}

// Describe implements Described.
func (l *batchNormalization) Describe() any {
	return batchNormText{normText{l.epsilon}, l.affine.text(), l.axis, l.momentum, textOfInitializer(l.meanInit.or(Zeros)), textOfInitializer(l.varianceInit.or(Ones))}
}

func decodeBatchNorm(_ Registry, t batchNormText) (_ Layer, err error) {
	l := &batchNormalization{momentum: t.Momentum, epsilon: t.Epsilon, axis: t.Axis}
	if l.affine, err = t.affine(); err != nil {
		return nil, err
	}
	if l.meanInit, err = t.MovingMeanInitializer.initializer(); err != nil {
		return nil, named("moving mean", err)
	}
	l.varianceInit, err = t.MovingVarianceInitializer.initializer()
	return l, named("moving variance", err)
}

// Describe implements Described.
func (l *layerNormalization) Describe() any {
	return layerNormText{normText{l.epsilon}, l.affine.text()}
}

func decodeLayerNorm(_ Registry, t layerNormText) (Layer, error) {
	a, err := t.affine()
	return &layerNormalization{epsilon: t.Epsilon, affine: a}, err
}

// Describe implements Described.
func (l *rmsNormalization) Describe() any { return normText{l.epsilon} }

// Describe implements Described.
func (l *normalization) Describe() any { return statisticsText{l.mean, l.variance} }
