package nn_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/graph"
	"github.com/gradus-ml/gradus/engine/nn"
	"github.com/gradus-ml/gradus/engine/ops"
)

func seedNetwork() *nn.Network {
	return nn.Sequential(
		nn.Input(28, 28),
		nn.Flatten(),
		nn.BatchNorm(),
		nn.Dense(300, nn.ELU, nn.HeNormal),
		nn.BatchNorm(),
		nn.Dense(100, nn.ELU, nn.HeNormal),
		nn.BatchNorm(),
		nn.Dense(10, nn.Softmax),
	)
}

// The counts are those that Keras prints for this network.
func TestSeedNetworkCounts(t *testing.T) {
	net := seedNetwork()
	require.NoError(t, net.Err())
	var counts []int
	for _, l := range net.Layers() {
		counts = append(counts, l.Parameters())
	}
	assert.Equal(t, []int{0, 3136, 235_500, 1200, 30_100, 400, 1010}, counts)
	trainable, frozen := net.Parameters()
	assert.Equal(t, []int{268_978, 2368}, []int{trainable, frozen})
	flags := map[string]bool{}
	for _, v := range net.Variables()[:6] {
		flags[v.Name] = v.Trainable
	}
	assert.Equal(t, map[string]bool{
		"batch_normalization/gamma": true, "batch_normalization/beta": true,
		"batch_normalization/moving_mean": false, "batch_normalization/moving_variance": false,
		"dense/kernel": true, "dense/bias": true,
	}, flags)
}

func TestSummary(t *testing.T) {
	net := nn.Sequential(nn.Input(3, 2), nn.Flatten(), nn.Dense(1000, nn.Name("wide"), nn.NoBias), nn.BatchNorm(), nn.Activation(nn.ReLU))
	require.NoError(t, net.Err())
	assert.Equal(t, `Model: "sequential"
┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━┳━━━━━━━━━┓
┃ Layer (type)                             ┃ Output Shape ┃ Param # ┃
┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━╇━━━━━━━━━┩
│ flatten (Flatten)                        │ (None, 6)    │       0 │
├──────────────────────────────────────────┼──────────────┼─────────┤
│ wide (Dense)                             │ (None, 1000) │   6,000 │
├──────────────────────────────────────────┼──────────────┼─────────┤
│ batch_normalization (BatchNormalization) │ (None, 1000) │   4,000 │
├──────────────────────────────────────────┼──────────────┼─────────┤
│ activation (Activation)                  │ (None, 1000) │       0 │
└──────────────────────────────────────────┴──────────────┴─────────┘
 Total params: 10,000 (39.06 KB)
 Trainable params: 8,000 (31.25 KB)
 Non-trainable params: 2,000 (7.81 KB)
`, net.Summary())
}

func TestNetworkRefused(t *testing.T) {
	shared := nn.Dense(3)
	for name, row := range map[string]struct {
		layers []nn.Layer
		text   string
	}{
		"no layers":             {nil, "no layers"},
		"input only":            {[]nn.Layer{nn.Input(3)}, "no layers after nn.Input"},
		"no input":              {[]nn.Layer{nn.Dense(3)}, "the first layer is Dense, want nn.Input"},
		"a nil first":           {[]nn.Layer{nil}, "the first layer is nil"},
		"a nil layer":           {[]nn.Layer{nn.Input(3), nil}, "layer 1 is nil"},
		"no axes":               {[]nn.Layer{nn.Input(), nn.Flatten()}, "no axes"},
		"an axis of zero":       {[]nn.Layer{nn.Input(28, 0), nn.Flatten()}, "shape is [28 0]"},
		"no flatten":            {[]nn.Layer{nn.Input(28, 28), nn.Dense(10, nn.Name("hidden1"))}, `nn: Dense "hidden1": input is [28 28], want 1 axis (add nn.Flatten())`},
		"no units":              {[]nn.Layer{nn.Input(3), nn.Dense(0)}, `Dense "dense": units is 0`},
		"a bad initializer":     {[]nn.Layer{nn.Input(3), nn.Dense(2, nn.VarianceScaling(-1, nn.FanIn, nn.Uniform))}, "scale is -1"},
		"a bad constant":        {[]nn.Layer{nn.Input(3), nn.Dense(2, nn.Constant(math.NaN()))}, "value is NaN"},
		"a huge constant":       {[]nn.Layer{nn.Input(3), nn.Dense(2, nn.Constant(1e39))}, "value is 1e+39, want a float32 number"},
		"momentum of one":       {[]nn.Layer{nn.Input(3), nn.BatchNorm(nn.Momentum(1))}, "momentum is 1, want 0 to 1 exclusive"},
		"momentum of NaN":       {[]nn.Layer{nn.Input(3), nn.BatchNorm(nn.Momentum(math.NaN()))}, "momentum is NaN"},
		"epsilon of zero":       {[]nn.Layer{nn.Input(3), nn.BatchNorm(nn.Epsilon(0), nn.Name("bn"))}, `BatchNormalization "bn": epsilon is 0`},
		"layernorm epsilon":     {[]nn.Layer{nn.Input(3), nn.LayerNorm(nn.Epsilon(-1))}, `LayerNormalization "layer_normalization": epsilon is -1`},
		"rmsnorm epsilon":       {[]nn.Layer{nn.Input(3), nn.RMSNorm(nn.Epsilon(2))}, `RMSNormalization "rms_normalization": epsilon is 2`},
		"a dropout of one":      {[]nn.Layer{nn.Input(3), nn.Dropout(1)}, `Dropout "dropout": rate is 1, want 0 to 1 exclusive`},
		"a dropout of NaN":      {[]nn.Layer{nn.Input(3), nn.AlphaDropout(float32(math.NaN()))}, `AlphaDropout "alpha_dropout": rate is NaN`},
		"a negative deviation":  {[]nn.Layer{nn.Input(3), nn.GaussianNoise(-1)}, `GaussianNoise "gaussian_noise": standard deviation is -1`},
		"a negative rate":       {[]nn.Layer{nn.Input(3), nn.GaussianDropout(-0.1, "gd")}, `GaussianDropout "gd": rate is -0.1`},
		"a negative l2":         {[]nn.Layer{nn.Input(3), nn.Dense(2, nn.KernelRegularizer(nn.L2(-1)))}, `Dense "dense": kernel regulariser is l1 0, l2 -1`},
		"an l1 of NaN":          {[]nn.Layer{nn.Input(3), nn.Dense(2, nn.ActivityRegularizer(nn.L1(float32(math.NaN()))))}, "activity regulariser is l1 NaN"},
		"a max norm of zero":    {[]nn.Layer{nn.Input(3), nn.Dense(2, nn.MaxNorm(0))}, `Dense "dense": max norm is 0, want a positive number`},
		"too few means":         {[]nn.Layer{nn.Input(3), nn.Normalization([]float64{1}, []float64{1, 1, 1})}, "1 means and 3 variances, want 3"},
		"a negative variance":   {[]nn.Layer{nn.Input(1), nn.Normalization([]float64{1}, []float64{-1})}, "feature 0 has mean 1 and variance -1"},
		"a name twice":          {[]nn.Layer{nn.Input(3), nn.Dense(3, nn.Name("a")), nn.Dense(3, nn.Name("a"))}, `Dense "a": another layer has this name`},
		"a layer twice":         {[]nn.Layer{nn.Input(3), shared, shared}, "layer 2, a Dense, is already in the network"},
		"an input in the midst": {[]nn.Layer{nn.Input(3), nn.Dense(2), nn.Input(4)}, "layer 2 is an Input"},
	} {
		t.Run(name, func(t *testing.T) {
			assert.ErrorContains(t, nn.Sequential(row.layers...).Err(), row.text)
		})
	}
}

func TestNames(t *testing.T) {
	net := nn.Sequential(nn.Input(3), nn.Dense(2), nn.Dense(2, nn.Name("dense_1")), nn.Dense(2), nn.Dense(2))
	require.NoError(t, net.Err())
	var names []string
	for _, l := range net.Layers() {
		names = append(names, l.Name)
	}
	assert.Equal(t, []string{"dense", "dense_1", "dense_2", "dense_3"}, names)
}

// Each named initializer must have the mean, the variance and the limits that its paper and Keras give it.
func TestInitializers(t *testing.T) {
	const in, out = 250, 400
	for _, row := range []struct {
		init     nn.Initializer
		variance float64
		limit    float64 // in standard deviations
	}{
		{nn.GlorotUniform, 2.0 / (in + out), math.Sqrt(3)},
		{nn.GlorotNormal, 2.0 / (in + out), 2 / 0.8796},
		{nn.HeUniform, 2.0 / in, math.Sqrt(3)},
		{nn.HeNormal, 2.0 / in, 2 / 0.8796},
		{nn.LeCunUniform, 1.0 / in, math.Sqrt(3)},
		{nn.LeCunNormal, 1.0 / in, 2 / 0.8796},
		{nn.VarianceScaling(3, nn.FanOut, nn.UntruncatedNormal), 3.0 / out, 6},
	} {
		t.Run(row.init.String(), func(t *testing.T) {
			values := kernel(t, in, out, row.init)
			mean, variance, largest := 0.0, 0.0, 0.0
			for _, v := range values {
				mean += float64(v) / float64(len(values))
				variance += float64(v) * float64(v) / float64(len(values))
				largest = max(largest, math.Abs(float64(v)))
			}
			n := math.Sqrt(in * out)
			assert.InDelta(t, 0, mean/math.Sqrt(row.variance), 5/n)
			assert.InDelta(t, 1, variance/row.variance, 10/n)
			assert.LessOrEqual(t, largest, row.limit*math.Sqrt(row.variance)*1.0001)
			assert.Greater(t, largest, 0.95*min(row.limit, 3.5)*math.Sqrt(row.variance))
		})
	}
	assert.Equal(t, []float32{0.5, 0.5, 0.5, 0.5}, kernel(t, 2, 2, nn.Constant(0.5)))
}

func kernel(t *testing.T, in, out int, init nn.Initializer) []float32 {
	net := nn.Sequential(nn.Input(in), nn.Dense(out, init))
	require.NoError(t, net.Err())
	store, err := graph.NewStore(backendtest.NewOracle(), net.Variables(), 42)
	require.NoError(t, err)
	values, err := store.Read(net.Variables()[0])
	require.NoError(t, err)
	return values
}

// run computes a network of one layer after the input on the oracle, in inference mode. The shape of an example is that of x,
// unless one is given.
func run(t *testing.T, x [][]float32, layer nn.Layer, values map[string][]float32, shape ...int) []float64 {
	if shape == nil {
		shape = []int{len(x[0])}
	}
	net := nn.Sequential(nn.Input(shape...), layer)
	require.NoError(t, net.Err())
	oracle := backendtest.NewOracle()
	store, err := graph.NewStore(oracle, net.Variables(), 1)
	require.NoError(t, err)
	for _, v := range net.Variables() {
		if given, ok := values[v.Name]; ok {
			require.NoError(t, store.Write(v, given))
		}
	}
	r := graph.NewRecorder(store, graph.Inference)
	in := r.Input(false, append([]int{len(x)}, shape...)...)
	for i, row := range x {
		for j, v := range row {
			oracle.Float64s(in.Value())[i*len(row)+j] = float64(v)
		}
	}
	y := net.Forward(r, in)
	r.Keep(y)
	step, err := r.Compile()
	require.NoError(t, err)
	require.NoError(t, step.Run(1))
	return oracle.Float64s(y.Value())
}

func TestLayers(t *testing.T) {
	x := [][]float32{{1, -2}, {0.5, 3}}
	weights := map[string][]float32{"ln/beta": {1, 2}, "rms/gamma": {3, 4}, "dense/kernel": {1, 2, 3, 4, 5, 6}, "dense/bias": {10, 20, 30}}
	for _, row := range []struct {
		name  string
		layer nn.Layer
		want  []float64
	}{
		{"dense", nn.Dense(3), []float64{3, 12, 21, 22.5, 36, 49.5}},
		{"dense without bias", nn.Dense(3, nn.NoBias), []float64{-7, -8, -9, 12.5, 16, 19.5}},
		{"softmax", nn.Activation(nn.Softmax), []float64{1 / (1 + math.Exp(-3)), 1 / (1 + math.Exp(3)), 1 / (1 + math.Exp(2.5)), 1 / (1 + math.Exp(-2.5))}},
		{"log_softmax", nn.Activation(nn.LogSoftmax), []float64{-math.Log1p(math.Exp(-3)), -math.Log1p(math.Exp(3)), -math.Log1p(math.Exp(2.5)), -math.Log1p(math.Exp(-2.5))}},
		{"batchnorm", nn.BatchNorm(nn.Epsilon(0.25)), []float64{1 / math.Sqrt(1.25), -2 / math.Sqrt(1.25), 0.5 / math.Sqrt(1.25), 3 / math.Sqrt(1.25)}},
		{"batchnorm without gamma and beta", nn.BatchNorm(nn.NoScale, nn.NoCenter, nn.Epsilon(0.25)), []float64{1 / math.Sqrt(1.25), -2 / math.Sqrt(1.25), 0.5 / math.Sqrt(1.25), 3 / math.Sqrt(1.25)}},
		{"layernorm", nn.LayerNorm(nn.Epsilon(0.25)), []float64{1.5 / math.Sqrt(2.5), -1.5 / math.Sqrt(2.5), -1.25 / math.Sqrt(1.8125), 1.25 / math.Sqrt(1.8125)}},
		{"layernorm without gamma", nn.LayerNorm(nn.NoScale, nn.Epsilon(0.25), nn.Name("ln")), []float64{1.5/math.Sqrt(2.5) + 1, -1.5/math.Sqrt(2.5) + 2, -1.25/math.Sqrt(1.8125) + 1, 1.25/math.Sqrt(1.8125) + 2}},
		{"rmsnorm", nn.RMSNorm(nn.Epsilon(0.5), nn.Name("rms")), []float64{3 / math.Sqrt(3), -8 / math.Sqrt(3), 1.5 / math.Sqrt(5.125), 12 / math.Sqrt(5.125)}},
		{"normalization", nn.Normalization([]float64{1, 2}, []float64{4, 0.25}), []float64{0, -8, -0.25, 2}},
	} {
		t.Run(row.name, func(t *testing.T) { assert.InDeltaSlice(t, row.want, run(t, x, row.layer, weights), 1e-12) })
	}
}

func TestFreeze(t *testing.T) {
	net := seedNetwork()
	require.NoError(t, net.Freeze("dense", "batch_normalization"))
	assert.Equal(t, []string{"batch_normalization", "dense"}, net.Frozen())
	trainable, frozen := net.Parameters()
	assert.Equal(t, []int{268_978 - 235_500 - 1568, 2368 + 235_500 + 1568}, []int{trainable, frozen})
	assert.ErrorContains(t, net.Freeze("dense", "dance"), `no layer "dance"`)
	copied, err := net.Copy()
	require.NoError(t, err)
	assert.Equal(t, net.Frozen(), copied.Frozen())
	assert.ErrorContains(t, net.Unfreeze("dance"), `no layer "dance"`)
	require.NoError(t, net.Freeze())
	assert.Len(t, net.Frozen(), 2, "no names, no change")
	require.NoError(t, net.Unfreeze(net.Frozen()...))
	trainable, frozen = net.Parameters()
	assert.Equal(t, []int{268_978, 2368}, []int{trainable, frozen})
	trainable, _ = copied.Parameters()
	assert.NotEqual(t, 268_978, trainable, "the copy has variables of its own")
}

func TestLower(t *testing.T) {
	net := nn.Sequential(nn.Input(4), nn.Dense(3), nn.BatchNorm(nn.Name("bn")), nn.Dense(3), nn.Dense(2))
	layers, err := net.Lower("dense_1")
	require.NoError(t, err)
	made := nn.Sequential(append(append([]nn.Layer{nn.Input(4)}, layers...), nn.Dense(1, nn.Name("head")))...)
	require.NoError(t, made.Err())
	var names []string
	for _, l := range made.Layers() {
		names = append(names, l.Name)
	}
	assert.Equal(t, []string{"dense", "bn", "dense_1", "head"}, names)
	_, err = net.Lower("dense_9")
	assert.ErrorContains(t, err, `no layer "dense_9"`)
}

// doubled is a layer of a user's own.
type doubled struct{}

func (*doubled) Build(_ *nn.Builder, in []int) ([]int, error) { return in, nil }
func (*doubled) Forward(r *graph.Recorder, x *graph.Tensor) *graph.Tensor {
	return graph.Bias(r, graph.Activate(r, x, ops.ReLU, 0), graph.Reshape(r, x, x.Size()))
}

func TestOwnLayer(t *testing.T) {
	net := nn.Sequential(nn.Input(2), &doubled{})
	require.NoError(t, net.Err())
	assert.Equal(t, "doubled", net.Layers()[0].Name)
	own := nn.NewActivation("twice tanh", func(r *graph.Recorder, x *graph.Tensor) *graph.Tensor {
		return graph.Activate(r, graph.Activate(r, x, ops.Tanh, 0), ops.Tanh, 0)
	})
	assert.InDelta(t, math.Tanh(math.Tanh(2)), run(t, [][]float32{{2}}, nn.Activation(own), nil)[0], 1e-12)
}
