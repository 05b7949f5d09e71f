package nn_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/graph"
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
		{"rrelu", nn.RReLU, []float64{-0.916666667, -0.34375, 0, 0.5, 2, 7}},
		{"rrelu 0 to 1", nn.RReLUBetween(0, 1), []float64{-2, -0.75, 0, 0.5, 2, 7}},
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
			assert.InDeltaSlice(t, row.want, run(t, x, nn.Activation(row.f), nil), 1e-7)
			units := len(x[0])
			assert.InDeltaSlice(t, row.want, run(t, x, nn.Dense(units, row.f, nn.NoBias), map[string][]float32{"dense/kernel": identity(units)}), 1e-7)
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
		{nn.RReLUBetween(0.5, 0.25), "rrelu: upper is 0.25, want 0.5, the lower bound, or more"},
		{nn.RReLUBetween(-0.1, 0.25), "rrelu: lower is -0.1, want 0 or more"},
		{nn.RReLUBetween(0, nan), "rrelu: upper is NaN"},
		{nn.RReLUBetween(nan, 1), "rrelu: lower is NaN"},
		{nn.PReLU(nn.SharedAxes{0}), "prelu: shared axes are [0], want different ones from 1 to 1"},
		{nn.PReLU(nn.SharedAxes{2}), "prelu: shared axes are [2], want different ones from 1 to 1"},
		{nn.PReLU(nn.SharedAxes{1, 1}), "prelu: shared axes are [1 1]"},
		{nn.PReLU(nn.Constant(math.Inf(1))), "prelu: alpha: initializer constant: value is +Inf"},
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

// The slopes are variables of the layer: x is 2 × 3, and each place, column or all of it has one.
func TestPReLU(t *testing.T) {
	x := [][]float32{{1, -2, 3, -4, -5, 6}}
	for _, row := range []struct {
		name   string
		f      nn.ActivationFunc
		shape  []int
		slopes []float32 // nil for the initial ones
		want   []float64
	}{
		{"starts as ReLU", nn.PReLU(), []int{2, 3}, nil, []float64{1, 0, 3, 0, 0, 6}},
		{"a slope of 0.25", nn.PReLU(nn.Constant(0.25)), []int{2, 3}, nil, []float64{1, -0.5, 3, -1, -1.25, 6}},
		{"each place", nn.PReLU(), []int{2, 3}, []float32{9, 0.5, 9, 2, -1, 9}, []float64{1, -1, 3, -8, 5, 6}},
		{"each column", nn.PReLU(nn.SharedAxes{1}), []int{1, 3}, []float32{0.5, 0.25, 9}, []float64{1, -0.5, 3, -2, -1.25, 6}},
		{"each row", nn.PReLU(nn.SharedAxes{2}), []int{2, 1}, []float32{0.5, 3}, []float64{1, -1, 3, -12, -15, 6}},
		{"one", nn.PReLU(nn.SharedAxes{1, 2}), []int{1, 1}, []float32{0.5}, []float64{1, -1, 3, -2, -2.5, 6}},
	} {
		t.Run(row.name, func(t *testing.T) {
			built := nn.Sequential(nn.Input(2, 3), nn.Activation(row.f))
			require.NoError(t, built.Err())
			require.Len(t, built.Variables(), 1)
			alpha := built.Variables()[0]
			assert.Equal(t, graph.Variable{Name: "activation/alpha", Shape: row.shape, Trainable: true},
				graph.Variable{Name: alpha.Name, Shape: alpha.Shape, Trainable: alpha.Trainable})
			values := map[string][]float32{}
			if row.slopes != nil {
				values[alpha.Name] = row.slopes
			}
			assert.InDeltaSlice(t, row.want, run(t, x, nn.Activation(row.f), values, 2, 3), 1e-12)
		})
	}
	inner := nn.Sequential(nn.Input(4, 5, 6), nn.Activation(nn.PReLU(nn.SharedAxes{2}), "slopes"))
	assert.ErrorContains(t, inner.Err(), `nn: Activation "slopes": prelu: shared axes are [2], want the others of [4 5 6] to be neighbours`)
}

// Each layer has slopes of its own, although the function is the same value.
func TestPReLUOfTwoLayers(t *testing.T) {
	f := nn.PReLU()
	net := nn.Sequential(nn.Input(3), nn.Dense(4, f), nn.Dense(2, f))
	require.NoError(t, net.Err())
	shapes := map[string][]int{}
	for _, v := range net.Variables() {
		shapes[v.Name] = v.Shape
	}
	assert.Equal(t, []int{4}, shapes["dense/alpha"])
	assert.Equal(t, []int{2}, shapes["dense_1/alpha"])
}

func ExamplePReLU() {
	net := nn.Sequential(
		nn.Input(784),
		nn.Dense(100, nn.HeNormal, nn.PReLU(nn.Constant(0.25))), // a slope for each unit
		nn.Dense(50, nn.PReLU(nn.SharedAxes{1})),                // one for all of them
		nn.Dense(10, nn.Softmax),
	)
	for _, v := range net.Variables() {
		fmt.Println(v.Name, v.Shape)
	}
	// Output:
	// dense/kernel [784 100]
	// dense/bias [100]
	// dense/alpha [100]
	// dense_1/kernel [100 50]
	// dense_1/bias [50]
	// dense_1/alpha [1]
	// dense_2/kernel [50 10]
	// dense_2/bias [10]
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

// The slopes are random while the network is trained, and fixed when it is used.
func ExampleRReLUBetween() {
	net := nn.Sequential(nn.Input(784), nn.Dense(100, nn.RReLUBetween(0.1, 0.3), nn.HeNormal), nn.Dense(10, nn.Softmax))
	fmt.Println(net.Err())
	reversed := nn.Sequential(nn.Input(784), nn.Dense(100, nn.RReLUBetween(0.3, 0.1)))
	fmt.Println(reversed.Err())
	// Output:
	// <nil>
	// nn: Dense "dense": rrelu: upper is 0.1, want 0.3, the lower bound, or more
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
