package nn_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/nn"
)

// The wanted values were computed from the formulas by hand, apart from this code.
func TestActivations(t *testing.T) {
	x := [][]float32{{-4, -1.5, 0, 0.5, 2, 7}}
	for _, row := range []struct {
		name string
		f    nn.ActivationFunc
		want []float64
	}{
		{"linear", nn.Linear, []float64{-4, -1.5, 0, 0.5, 2, 7}},
		{"relu", nn.ReLU, []float64{0, 0, 0, 0.5, 2, 7}},
		{"relu6", nn.ReLU6, []float64{0, 0, 0, 0.5, 2, 6}},
		{"relu with all options", nn.ReLUWith(nn.ReLUOptions{MaxValue: 3, NegativeSlope: 0.25, Threshold: 1}), []float64{-1.25, -0.625, -0.25, -0.125, 2, 3}},
		{"leaky_relu", nn.LeakyReLU, []float64{-1.2, -0.45, 0, 0.5, 2, 7}},
		{"leaky_relu 0.2", nn.LeakyReLUSlope(0.2), []float64{-0.8, -0.3, 0, 0.5, 2, 7}},
		{"elu", nn.ELU, []float64{-0.981684361111, -0.776869839852, 0, 0.5, 2, 7}},
		{"elu 0.5", nn.ELUAlpha(0.5), []float64{-0.490842180556, -0.388434919926, 0, 0.5, 2, 7}},
		{"selu", nn.SELU, []float64{-1.72589861368, -1.36581434188, 0, 0.52535049, 2.10140196, 7.35490686}},
		{"celu", nn.CELU, []float64{-0.981684361111, -0.776869839852, 0, 0.5, 2, 7}},
		{"celu 2", nn.CELUAlpha(2), []float64{-1.72932943353, -1.05526689452, 0, 0.5, 2, 7}},
		{"gelu", nn.GELU, []float64{-0.000126684967332, -0.100210801903, 0, 0.345731230637, 1.9544997361, 6.99999999999}},
		{"gelu_tanh", nn.GELUTanh, []float64{-7.02459481923e-05, -0.10042842302, 0, 0.345714009825, 1.95459769409, 7}},
		{"silu", nn.SiLU, []float64{-0.0719448398484, -0.27363828571, 0, 0.311229665601, 1.76159415596, 6.99362264164}},
		{"swish", nn.Swish, []float64{-0.0719448398484, -0.27363828571, 0, 0.311229665601, 1.76159415596, 6.99362264164}},
		{"swish 1.5", nn.SwishBeta(1.5), []float64{-0.00989049262654, -0.143024197349, 0, 0.339589349588, 1.90514825364, 6.99980725016}},
		{"mish", nn.Mish, []float64{-0.072591740792, -0.298099742167, 0, 0.375245211305, 1.94395895953, 6.99998837981}},
		{"softplus", nn.Softplus, []float64{0.0181499279178, 0.201413277983, 0.69314718056, 0.97407698418, 2.12692801104, 7.00091146645}},
		{"softsign", nn.Softsign, []float64{-0.8, -0.6, 0, 0.333333333333, 0.666666666667, 0.875}},
		{"sigmoid", nn.Sigmoid, []float64{0.0179862099621, 0.182425523806, 0.5, 0.622459331202, 0.880797077978, 0.999088948806}},
		{"hard_sigmoid", nn.HardSigmoid, []float64{0, 0.25, 0.5, 0.583333333333, 0.833333333333, 1}},
		{"hard_silu", nn.HardSiLU, []float64{0, -0.375, 0, 0.291666666667, 1.66666666667, 7}},
		{"tanh", nn.Tanh, []float64{-0.999329299739, -0.905148253645, 0, 0.46211715726, 0.964027580076, 0.999998336944}},
		{"hard_tanh", nn.HardTanh, []float64{-1, -1, 0, 0.5, 1, 1}},
		{"exponential", nn.Exponential, []float64{0.0183156388887, 0.223130160148, 1, 1.6487212707, 7.38905609893, 1096.63315843}},
	} {
		t.Run(row.name, func(t *testing.T) {
			assert.InDeltaSlice(t, row.want, run(t, x, nn.Activation(row.f), nil), 1e-8)
			units := len(x[0])
			assert.InDeltaSlice(t, row.want, run(t, x, nn.Dense(units, row.f, nn.NoBias), map[string][]float32{"dense/kernel": identity(units)}), 1e-8)
		})
	}
}

// identity is the matrix that changes nothing.
func identity(n int) []float32 {
	m := make([]float32, n*n)
	for i := range n {
		m[i*n+i] = 1
	}
	return m
}

// An option out of its range is refused when the network is built, whether the function stands alone or in a Dense layer.
func TestActivationRefused(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, row := range []struct {
		f    nn.ActivationFunc
		text string
	}{
		{nn.ActivationFunc{}, "no activation function"},
		{nn.NewActivation("mine", nil), "mine: no function to apply"},
		{nn.ELUAlpha(-1), "elu: alpha is -1, want 0 or more"},
		{nn.ELUAlpha(nan), "elu: alpha is NaN, want 0 or more"},
		{nn.CELUAlpha(0), "celu: alpha is 0, want more than 0"},
		{nn.CELUAlpha(inf), "celu: alpha is +Inf, want more than 0"},
		{nn.SwishBeta(-0.5), "swish: beta is -0.5, want 0 or more"},
		{nn.LeakyReLUSlope(-0.3), "leaky_relu: negative slope is -0.3, want 0 or more"},
		{nn.LeakyReLUSlope(nan), "leaky_relu: negative slope is NaN"},
		{nn.ReLUWith(nn.ReLUOptions{NegativeSlope: -1}), "relu: negative slope is -1, want 0 or more"},
		{nn.ReLUWith(nn.ReLUOptions{Threshold: -1}), "relu: threshold is -1, want 0 or more"},
		{nn.ReLUWith(nn.ReLUOptions{MaxValue: -1}), "relu: max value is -1, want more than 0, the threshold"},
		{nn.ReLUWith(nn.ReLUOptions{MaxValue: 2, Threshold: 2}), "relu: max value is 2, want more than 2, the threshold"},
		{nn.ReLUWith(nn.ReLUOptions{MaxValue: nan}), "relu: max value is NaN"},
	} {
		t.Run(row.text, func(t *testing.T) {
			assert.ErrorContains(t, nn.Sequential(nn.Input(3), nn.Activation(row.f)).Err(), `nn: Activation "activation": `+row.text)
			assert.ErrorContains(t, nn.Sequential(nn.Input(3), nn.Dense(2, row.f, nn.Name("hidden"))).Err(), `nn: Dense "hidden": `+row.text)
		})
	}
}

// One function may stand in several layers.
func TestActivationShared(t *testing.T) {
	f := nn.LeakyReLUSlope(0.5)
	net := nn.Sequential(nn.Input(3), nn.Dense(3, f), nn.Activation(f), nn.Dense(2, f))
	require.NoError(t, net.Err())
	assert.Equal(t, "leaky_relu", f.String())
}

// A function with an option is made by its constructor and stands where any other does.
func ExampleActivation() {
	net := nn.Sequential(
		nn.Input(784),
		nn.Dense(100, nn.HeNormal),
		nn.BatchNorm(),
		nn.Activation(nn.Swish), // between BatchNorm and the next layer
		nn.Dense(50, nn.SELU, nn.LeCunNormal),
		nn.Dense(20, nn.LeakyReLUSlope(0.1)),
		nn.Dense(10, nn.Softmax),
	)
	fmt.Println(net.Err(), len(net.Layers()), net.Output())
	// Output: <nil> 6 [10]
}

func ExampleReLUWith() {
	clipped := nn.ReLUWith(nn.ReLUOptions{MaxValue: 6, NegativeSlope: 0.01})
	fmt.Println(clipped, nn.Sequential(nn.Input(4), nn.Activation(clipped)).Err())
	tilted := nn.ReLUWith(nn.ReLUOptions{NegativeSlope: -0.01})
	fmt.Println(nn.Sequential(nn.Input(4), nn.Activation(tilted)).Err())
	// Output:
	// relu <nil>
	// nn: Activation "activation": relu: negative slope is -0.01, want 0 or more
}
