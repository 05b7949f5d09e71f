package nn

import (
	"fmt"

	"github.com/gradus-ml/gradus/engine/ops"
)

// layerClasses make the layers of this package of their options.
var layerClasses = map[string]func(r Registry, o Options) (Layer, error){
	"Dense":              decoding(decodeDense),
	"Tied":               decoding(decodeTied),
	"Flatten":            decoding(func(Registry, struct{}) (Layer, error) { return Flatten(), nil }),
	"Activation":         decoding(decodeActivationLayer),
	"BatchNormalization": decoding(decodeBatchNorm),
	"LayerNormalization": decoding(decodeLayerNorm),
	"RMSNormalization":   decoding(func(_ Registry, t normText) (Layer, error) { return RMSNorm(Epsilon(t.Epsilon)), nil }),
	"Normalization":      decoding(func(_ Registry, t statisticsText) (Layer, error) { return Normalization(t.Mean, t.Variance), nil }),
	"Dropout":            decoding(func(_ Registry, t rateText) (Layer, error) { return Dropout(t.Rate), nil }),
	"AlphaDropout":       decoding(func(_ Registry, t rateText) (Layer, error) { return AlphaDropout(t.Rate), nil }),
	"GaussianDropout":    decoding(func(_ Registry, t rateText) (Layer, error) { return GaussianDropout(t.Rate), nil }),
	"GaussianNoise":      decoding(func(_ Registry, t rateText) (Layer, error) { return GaussianNoise(t.Rate), nil }),
	"RandomFlip":         decodingImages("RandomFlip"),
	"RandomTranslation":  decodingImages("RandomTranslation"),
	"RandomCrop":         decodingImages("RandomCrop"),
	"Cutout":             decodingImages("Cutout"),
	"Slice":              decoding(func(_ Registry, t sliceText) (Layer, error) { return Slice(t.From, t.To), nil }),
	"Concatenate":        decoding(func(Registry, struct{}) (Layer, error) { return Concatenate(), nil }),
	"Add":                merging(Add),
	"Subtract":           merging(Subtract),
	"Average":            merging(Average),
	"Multiply":           merging(Multiply),
	"Maximum":            merging(Maximum),
	"Minimum":            merging(Minimum),
}

// decoding makes a decoder of a function of the options' struct.
func decoding[T any](make func(r Registry, t T) (Layer, error)) func(Registry, Options) (Layer, error) {
	return func(r Registry, o Options) (Layer, error) {
		var t T
		if err := o.Decode(&t); err != nil {
			return nil, err
		}
		return make(r, t)
	}
}

func merging(make func(options ...Name) Merger) func(Registry, Options) (Layer, error) {
	return decoding(func(Registry, struct{}) (Layer, error) { return make(), nil })
}

type regularizerText struct {
	L1 float32 `json:"l1,omitempty"`
	L2 float32 `json:"l2,omitempty"`
}

func textOfRegularizer(g Regularizer) *regularizerText {
	if g == (Regularizer{}) {
		return nil
	}
	return &regularizerText{g.L1, g.L2}
}

func (t *regularizerText) regularizer() Regularizer {
	if t == nil {
		return Regularizer{}
	}
	return Regularizer{t.L1, t.L2}
}

type constraintText struct {
	Name  string  `json:"name"`
	Limit float32 `json:"limit,omitempty"`
}

// constraintNames are Keras's, of each kind.
var constraintNames = map[ops.ConstraintKind]string{ops.MaxNorm: "max_norm", ops.UnitNorm: "unit_norm", ops.NonNeg: "non_neg"}

func textOfConstraint(c Constraint) *constraintText {
	if !c.set {
		return nil
	}
	return &constraintText{constraintNames[c.kind], c.limit}
}

func (t *constraintText) constraint() (Constraint, error) {
	if t == nil {
		return Constraint{}, nil
	}
	for kind, name := range constraintNames {
		if name == t.Name && (kind == ops.MaxNorm || t.Limit == 0) {
			return Constraint{kind, t.Limit, true}, nil
		}
	}
	return Constraint{}, fmt.Errorf("constraint %.50q with limit %v is unknown", t.Name, t.Limit)
}

type denseText struct {
	Units               int              `json:"units"`
	Activation          activationText   `json:"activation"`
	UseBias             bool             `json:"use_bias"`
	KernelInitializer   initializerText  `json:"kernel_initializer"`
	BiasInitializer     initializerText  `json:"bias_initializer"`
	KernelRegularizer   *regularizerText `json:"kernel_regularizer,omitempty"`
	BiasRegularizer     *regularizerText `json:"bias_regularizer,omitempty"`
	ActivityRegularizer *regularizerText `json:"activity_regularizer,omitempty"`
	KernelConstraint    *constraintText  `json:"kernel_constraint,omitempty"`
}

// Describe implements Described.
func (l *dense) Describe() any {
	return denseText{Units: l.units, Activation: textOfActivation(l.activation), UseBias: !l.noBias, KernelInitializer: textOfInitializer(l.init),
		BiasInitializer: textOfInitializer(l.biases), KernelRegularizer: textOfRegularizer(l.regular.kernel), BiasRegularizer: textOfRegularizer(l.regular.bias),
		ActivityRegularizer: textOfRegularizer(l.regular.activity), KernelConstraint: textOfConstraint(l.constraint)}
}

func decodeDense(r Registry, t denseText) (_ Layer, err error) {
	l := &dense{units: t.Units, noBias: !t.UseBias, regular: regularizers{t.KernelRegularizer.regularizer(), t.BiasRegularizer.regularizer(),
		t.ActivityRegularizer.regularizer()}}
	if l.activation, err = r.activation(t.Activation); err != nil {
		return nil, err
	}
	if l.init, err = t.KernelInitializer.initializer(); err != nil {
		return nil, named("kernel", err)
	}
	if l.biases, err = t.BiasInitializer.initializer(); err != nil {
		return nil, named("bias", err)
	}
	l.constraint, err = t.KernelConstraint.constraint()
	return l, err
}

type tiedText struct {
	Activation          activationText   `json:"activation"`
	UseBias             bool             `json:"use_bias"`
	BiasRegularizer     *regularizerText `json:"bias_regularizer,omitempty"`
	ActivityRegularizer *regularizerText `json:"activity_regularizer,omitempty"`
}

// Describe implements Described.
func (l *tied) Describe() any {
	return tiedText{textOfActivation(l.activation), !l.noBias, textOfRegularizer(l.regular.bias), textOfRegularizer(l.regular.activity)}
}

func decodeTied(r Registry, t tiedText) (Layer, error) {
	f, err := r.activation(t.Activation)
	return &tied{activation: f, noBias: !t.UseBias,
		regular: regularizers{bias: t.BiasRegularizer.regularizer(), activity: t.ActivityRegularizer.regularizer()}}, err
}

// Describe implements Described.
func (l *flatten) Describe() any { return struct{}{} }

type activationLayerText struct {
	Activation activationText `json:"activation"`
}

// Describe implements Described.
func (l *activation) Describe() any { return activationLayerText{textOfActivation(l.f)} }

func decodeActivationLayer(r Registry, t activationLayerText) (Layer, error) {
	f, err := r.activation(t.Activation)
	return Activation(f), err
}

type rateText struct {
	Rate float32 `json:"rate"`
}

// Describe implements Described.
func (l *noise) Describe() any { return rateText{l.rate} }

type sliceText struct {
	From int `json:"from"`
	To   int `json:"to"`
}

// Describe implements Described.
func (l *slice) Describe() any { return sliceText{l.from, l.to} }

// Describe implements Described.
func (l *concatenate) Describe() any { return struct{}{} }

// Describe implements Described.
func (l *combination) Describe() any { return struct{}{} }
