package nn

import (
	"encoding/json"
	"fmt"
	"slices"
)

// activationText is an activation function as it is in a file: its name, and its options if they are not the usual ones. Of PReLU these are the
// initializer of its slopes and the axes that share them.
type activationText struct {
	Name        string           `json:"name"`
	Options     []float32        `json:"options,omitempty"`
	Initializer *initializerText `json:"alpha_initializer,omitempty"`
	SharedAxes  []int            `json:"shared_axes,omitempty"`
	own         bool             // of the user
}

// activations are those without options, by the variables of this package.
var activations = []ActivationFunc{Linear, ReLU, ReLU6, LeakyReLU, RReLU, ELU, SELU, CELU, GELU, GELUTanh, SiLU, Mish, Softplus, Softsign, Sigmoid, HardSigmoid,
	HardSiLU, Tanh, HardTanh, Exponential, Softmax, LogSoftmax}

// withOptions make the functions that have options, of which there are the given number.
var withOptions = map[string]struct {
	options int
	make    func(o []float32) ActivationFunc
}{
	"relu": {3, func(o []float32) ActivationFunc {
		return ReLUWith(ReLUOptions{NegativeSlope: o[0], MaxValue: o[1], Threshold: o[2]})
	}},
	"leaky_relu": {1, func(o []float32) ActivationFunc { return LeakyReLUSlope(o[0]) }},
	"rrelu":      {2, func(o []float32) ActivationFunc { return RReLUBetween(o[0], o[1]) }},
	"elu":        {1, func(o []float32) ActivationFunc { return ELUAlpha(o[0]) }},
	"celu":       {1, func(o []float32) ActivationFunc { return CELUAlpha(o[0]) }},
	"swish":      {1, func(o []float32) ActivationFunc { return SwishBeta(o[0]) }},
}

const preluName = "prelu"

func textOfActivation(f ActivationFunc) activationText {
	t := activationText{Name: f.name, own: f.own}
	switch {
	case f.prelu != nil:
		i := textOfInitializer(f.prelu.init)
		t.Initializer, t.SharedAxes = &i, f.prelu.shared
	case withOptions[f.name].make != nil:
		t.Options = f.options
	}
	return t
}

// MarshalJSON refuses a function of the user's that has the name of one of this package: it would be taken for that.
func (t activationText) MarshalJSON() ([]byte, error) {
	if t.own && builtIn(t.Name) {
		return nil, fmt.Errorf("activation %q has the name of another one", t.Name)
	}
	type plain activationText
	return json.Marshal(plain(t))
}

// UnmarshalJSON refuses unknown fields.
func (t *activationText) UnmarshalJSON(text []byte) error {
	type plain activationText
	return Options(text).Decode((*plain)(t))
}

func builtIn(name string) bool {
	return name == preluName || withOptions[name].make != nil ||
		slices.ContainsFunc(activations, func(f ActivationFunc) bool { return f.name == name })
}

// activation makes the function.
func (r Registry) activation(t activationText) (ActivationFunc, error) {
	with := withOptions[t.Name]
	switch {
	case t.Name == preluName:
		return t.prelu()
	case t.Initializer != nil || t.SharedAxes != nil:
		return ActivationFunc{}, fmt.Errorf("activation %.50q has options of PReLU", t.Name)
	case len(t.Options) > 0 && len(t.Options) != with.options:
		return ActivationFunc{}, fmt.Errorf("activation %.50q has %d options, want %d, or none", t.Name, len(t.Options), with.options)
	case len(t.Options) > 0:
		return with.make(t.Options), nil
	}
	for _, f := range append(slices.Clone(activations), r.Activations...) {
		if f.name == t.Name {
			return f, nil
		}
	}
	return ActivationFunc{}, fmt.Errorf("activation %.50q is unknown, want one of this package, or of the registry", t.Name)
}

func (t activationText) prelu() (ActivationFunc, error) {
	if t.Initializer == nil || len(t.Options) > 0 {
		return ActivationFunc{}, fmt.Errorf("activation %q: want an alpha_initializer and no options", t.Name)
	}
	init, err := t.Initializer.initializer()
	return PReLU(init, SharedAxes(t.SharedAxes)), err
}

// initializerText is an initializer as it is in a file: its name and its options.
type initializerText struct {
	Name         string       `json:"name"`
	Scale        float64      `json:"scale,omitempty"`
	Mode         FanMode      `json:"mode,omitempty"`
	Distribution Distribution `json:"distribution,omitempty"`
	Value        float64      `json:"value,omitempty"`
	Gain         float64      `json:"gain,omitempty"`
	Mean         float64      `json:"mean,omitempty"`
	StdDev       float64      `json:"stddev,omitempty"`
	Low          float64      `json:"low,omitempty"`
	High         float64      `json:"high,omitempty"`
}

// UnmarshalJSON refuses unknown fields.
func (t *initializerText) UnmarshalJSON(text []byte) error {
	type plain initializerText
	return Options(text).Decode((*plain)(t))
}

// initializers are those that go by name.
var initializers = []Initializer{GlorotUniform, GlorotNormal, HeUniform, HeNormal, LeCunUniform, LeCunNormal, Zeros, Ones}

func textOfInitializer(i Initializer) initializerText {
	t := initializerText{Name: i.name}
	switch own := i.own.(type) {
	case orthogonal:
		t.Gain = own.gain
	case normal:
		t.Mean, t.StdDev = own.mean, own.stddev
	case uniform:
		t.Low, t.High = own.low, own.high
	default:
		switch {
		case slices.Contains(initializers, i):
		case i.dist == constant:
			t.Value = i.scale
		default:
			t.Scale, t.Mode, t.Distribution = i.scale, i.mode, i.dist
		}
	}
	return t
}

// initializer makes the initializer; whatever the text has that it has not is refused.
func (t initializerText) initializer() (Initializer, error) {
	made := Initializer{}
	switch t.Name {
	case "variance_scaling":
		made = VarianceScaling(t.Scale, t.Mode, t.Distribution)
	case "constant":
		made = Constant(t.Value)
	case "orthogonal":
		made = Orthogonal(t.Gain)
	case "random_normal":
		made = RandomNormal(t.Mean, t.StdDev)
	case "truncated_normal":
		made = RandomTruncatedNormal(t.Mean, t.StdDev)
	case "random_uniform":
		made = RandomUniform(t.Low, t.High)
	default:
		i := slices.IndexFunc(initializers, func(i Initializer) bool { return i.name == t.Name })
		if i < 0 {
			return made, fmt.Errorf("initializer %.50q is unknown", t.Name)
		}
		made = initializers[i]
	}
	if textOfInitializer(made) != t || made.dist > constant {
		return made, fmt.Errorf("initializer %q has options that it has not: %+v", t.Name, t)
	}
	return made, nil
}
