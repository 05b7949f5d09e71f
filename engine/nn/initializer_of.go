package nn

import (
	"errors"
	"fmt"
)

// A BiasInitializer sets the initial bias of a Dense layer, by default zeros (Keras's bias_initializer): nn.BiasInitializer(nn.Constant(0.1)).
type BiasInitializer Initializer

func (i BiasInitializer) dense(l *dense) { l.biases = Initializer(i) }

// named says which variable an initializer was refused for.
func named(variable string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", variable, err)
}

// BetaInitializer sets the initial beta of a normalisation, by default zeros (Keras's beta_initializer).
type BetaInitializer Initializer

// GammaInitializer sets the initial gamma of a normalisation, by default ones (Keras's gamma_initializer).
type GammaInitializer Initializer

// MovingMeanInitializer sets the initial moving mean of a BatchNorm, by default zeros (Keras's moving_mean_initializer).
type MovingMeanInitializer Initializer

// MovingVarianceInitializer sets the initial moving variance of a BatchNorm, by default ones (Keras's moving_variance_initializer).
type MovingVarianceInitializer Initializer

func (i BetaInitializer) batchNormalization(l *batchNormalization) {
	l.affine.shiftInit = Initializer(i)
}
func (i BetaInitializer) layerNormalization(l *layerNormalization) {
	l.affine.shiftInit = Initializer(i)
}
func (i GammaInitializer) batchNormalization(l *batchNormalization) {
	l.affine.scaleInit = Initializer(i)
}
func (i GammaInitializer) layerNormalization(l *layerNormalization) {
	l.affine.scaleInit = Initializer(i)
}

func (i MovingMeanInitializer) batchNormalization(l *batchNormalization) { l.meanInit = Initializer(i) }
func (i MovingVarianceInitializer) batchNormalization(l *batchNormalization) {
	l.varianceInit = Initializer(i)
}

// checkInits checks the initializers of gamma and beta.
func (a *affine) checkInits(features []int) error {
	return errors.Join(named("gamma", a.scaleInit.or(Ones).checkOn(features)), named("beta", a.shiftInit.or(Zeros).checkOn(features)))
}

// checkInits checks the initializers of all variables.
func (l *batchNormalization) checkInits(features []int) error {
	return errors.Join(l.affine.checkInits(features), named("moving mean", l.meanInit.or(Zeros).checkOn(features)),
		named("moving variance", l.varianceInit.or(Ones).checkOn(features)))
}
