package nn_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/graph"
	"github.com/gradus-ml/gradus/engine/nn"
)

// A network of two inputs: the wide one reaches the output directly, the deep one through two layers.
func ExampleFunctional() {
	wide, deep := nn.Input(5), nn.Input(6)
	hidden := deep.To(nn.Dense(30, nn.ReLU), nn.Dense(30, nn.ReLU))
	both := nn.Merge(nn.Concatenate(), wide, hidden)
	net := nn.Functional([]*nn.Node{wide, deep}, both.To(nn.Dense(1)))
	fmt.Println(net.Err(), net.Inputs(), net.Output())
	fmt.Print(net.Summary())
	// Output:
	// <nil> [[5] [6]] [1]
	// Model: "functional"
	// ┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━┳━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━┓
	// ┃ Layer (type)               ┃ Output Shape ┃ Param # ┃ Connected to         ┃
	// ┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━╇━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━┩
	// │ input_layer (InputLayer)   │ (None, 5)    │       0 │ -                    │
	// ├────────────────────────────┼──────────────┼─────────┼──────────────────────┤
	// │ input_layer_1 (InputLayer) │ (None, 6)    │       0 │ -                    │
	// ├────────────────────────────┼──────────────┼─────────┼──────────────────────┤
	// │ dense (Dense)              │ (None, 30)   │     210 │ input_layer_1        │
	// ├────────────────────────────┼──────────────┼─────────┼──────────────────────┤
	// │ dense_1 (Dense)            │ (None, 30)   │     930 │ dense                │
	// ├────────────────────────────┼──────────────┼─────────┼──────────────────────┤
	// │ concatenate (Concatenate)  │ (None, 35)   │       0 │ input_layer, dense_1 │
	// ├────────────────────────────┼──────────────┼─────────┼──────────────────────┤
	// │ dense_2 (Dense)            │ (None, 1)    │      36 │ concatenate          │
	// └────────────────────────────┴──────────────┴─────────┴──────────────────────┘
	//  Total params: 1,176 (4.59 KB)
	//  Trainable params: 1,176 (4.59 KB)
	//  Non-trainable params: 0 (0.00 B)
}

// outputs runs a network of inputs [rows features] on the oracle.
func outputs(t *testing.T, net *nn.Network, weights map[string][]float32, xs ...[]float64) [][]float64 {
	t.Helper()
	require.NoError(t, net.Err())
	oracle := backendtest.NewOracle()
	store, err := graph.NewStore(oracle, net.Variables(), 1)
	require.NoError(t, err)
	for _, v := range net.Variables() {
		if given, ok := weights[v.Name]; ok {
			require.NoError(t, store.Write(v, given))
		}
	}
	r := graph.NewRecorder(store, graph.Inference)
	var inputs []*graph.Tensor
	for i, x := range xs {
		shape := net.Inputs()[i]
		in := r.Input(false, append([]int{len(x) / graph.Size(shape)}, shape...)...)
		copy(oracle.Float64s(in.Value()), x)
		inputs = append(inputs, in)
	}
	ys, _ := net.Record(r, inputs...)
	for _, y := range ys {
		r.Keep(y)
	}
	step, err := r.Compile()
	require.NoError(t, err)
	require.NoError(t, step.Run(1))
	var values [][]float64
	for _, y := range ys {
		values = append(values, oracle.Float64s(y.Value()))
	}
	return values
}

func TestMergers(t *testing.T) {
	a, b, c := []float64{1, -2}, []float64{3, 4}, []float64{-5, 6}
	for _, row := range []struct {
		layer nn.Merger
		want  []float64
	}{
		{nn.Add(), []float64{-1, 8}},
		{nn.Multiply(), []float64{-15, -48}},
		{nn.Average(), []float64{-1. / 3, 8. / 3}},
		{nn.Maximum(), []float64{3, 6}},
		{nn.Minimum(), []float64{-5, -2}},
		{nn.Concatenate(), []float64{1, -2, 3, 4, -5, 6}},
	} {
		x, y, z := nn.Input(2), nn.Input(2), nn.Input(2)
		net := nn.Functional([]*nn.Node{x, y, z}, nn.Merge(row.layer, x, y, z))
		assert.InDeltaSlice(t, row.want, outputs(t, net, nil, a, b, c)[0], 1e-7, nn.TypeOf(row.layer))
	}
	x, y := nn.Input(2), nn.Input(2)
	net := nn.Functional([]*nn.Node{y, x}, nn.Merge(nn.Subtract(), x, y), y.To(nn.Slice(1, 2)))
	assert.Equal(t, [][]float64{{2, 6}, {-2}}, outputs(t, net, nil, a, b), "inputs are in the order given")
}

// A layer that is applied twice has one set of variables, and a skip adds what went around a layer.
func TestSharedAndSkips(t *testing.T) {
	x, y := nn.Input(1), nn.Input(1)
	twin := nn.Dense(1, nn.NoBias, nn.Name("twin"))
	net := nn.Functional([]*nn.Node{x, y}, nn.Merge(nn.Subtract(), x.To(twin), y.To(twin)))
	assert.Len(t, net.Variables(), 1)
	assert.Equal(t, [][]float64{{-6}}, outputs(t, net, map[string][]float32{"twin/kernel": {3}}, []float64{5}, []float64{7}))
	copied, err := net.Copy()
	require.NoError(t, err)
	assert.Len(t, copied.Variables(), 1)
	assert.Equal(t, [][]float64{{-6}}, outputs(t, copied, map[string][]float32{"twin/kernel": {3}}, []float64{5}, []float64{7}))

	in := nn.Input(2)
	skip := nn.Functional([]*nn.Node{in}, nn.Merge(nn.Add(), in, in.To(nn.Dense(2, nn.NoBias))))
	assert.Equal(t, [][]float64{{1 + 7, 2 + 10}}, outputs(t, skip, map[string][]float32{"dense/kernel": {1, 2, 3, 4}}, []float64{1, 2}))
}

// A tied layer uses the kernel of another, transposed, in copies as well, where it uses that of the copy.
func TestTied(t *testing.T) {
	encoder := nn.Dense(1, nn.Name("encoder"), nn.NoBias)
	net := nn.Sequential(nn.Input(2), encoder, nn.Tied(encoder, nn.ReLU, nn.Name("decoder")))
	weights := map[string][]float32{"encoder/kernel": {2, 3}, "decoder/bias": {1, -100}}
	want := [][]float64{{2*(2*5+3*7) + 1, 0}}
	assert.Equal(t, want, outputs(t, net, weights, []float64{5, 7}))
	copied, err := net.Copy()
	require.NoError(t, err)
	assert.Equal(t, want, outputs(t, copied, weights, []float64{5, 7}))
	assert.NotSame(t, net.Variables()[0], copied.Variables()[0])
	lower, err := net.Lower("decoder")
	require.NoError(t, err)
	assert.Equal(t, want, outputs(t, nn.Sequential(append([]nn.Layer{nn.Input(2)}, lower...)...), weights, []float64{5, 7}))

	other := nn.Dense(1)
	for name, row := range map[string]struct {
		net  *nn.Network
		text string
	}{
		"to no Dense":             {nn.Sequential(nn.Input(2), nn.Tied(nn.Flatten())), `nn: Tied "tied": the layer that it is tied to is not in the network before it`},
		"to another network's":    {nn.Sequential(nn.Input(2), nn.Dense(1), nn.Tied(encoder)), "is not in the network before it"},
		"to one that comes after": {nn.Sequential(nn.Input(2), nn.Tied(other), other), "is not in the network before it"},
		"to nothing":              {nn.Sequential(nn.Input(2), nn.Tied(nil)), "is not in the network before it"},
		"a misfit":                {func() *nn.Network { d := nn.Dense(3); return nn.Sequential(nn.Input(2), d, nn.Dense(2), nn.Tied(d)) }(), "input is [2], want [3]"},
		"to an activation": {func() *nn.Network {
			a := nn.Activation(nn.ReLU)
			return nn.Sequential(nn.Input(2), a, nn.Tied(a))
		}(), "tied to Activation, want a Dense"},
	} {
		assert.ErrorContains(t, row.net.Err(), row.text, name)
	}
}

// third is a merger of a user's own, y = x₁ + x₂·x₃, and two of a type without size are two.
type third struct{}

func (*third) Build(b *nn.Builder, in []int) ([]int, error) {
	return nil, b.Errorf(&third{}, "one input, want 3")
}
func (*third) Forward(_ *graph.Recorder, x *graph.Tensor) *graph.Tensor { return x }
func (*third) BuildMerge(_ *nn.Builder, in [][]int) ([]int, error)      { return in[0], nil }
func (*third) ForwardMerge(r *graph.Recorder, x []*graph.Tensor) *graph.Tensor {
	return graph.WeightedSum(r, 1, x[0], 1, graph.Combine(r, 1, x[1], x[2]))
}

func TestOwnMerger(t *testing.T) {
	x := nn.Input(1)
	y := nn.Merge(&third{}, x, x, x)
	net := nn.Functional([]*nn.Node{x}, nn.Merge(&third{}, x, y, y))
	assert.Equal(t, [][]float64{{3 + 12*12}}, outputs(t, net, nil, []float64{3}))
	assert.Len(t, net.Layers(), 2)
	assert.NoError(t, nn.Sequential(nn.Input(2), &doubled{}, &doubled{}).Err(), "two layers of a type without size")
}

func TestFunctionalRefused(t *testing.T) {
	x, other := nn.Input(3), nn.Input(2)
	nodes := func(list ...*nn.Node) []*nn.Node { return list }
	shared := nn.Dense(2)
	for name, row := range map[string]struct {
		net  *nn.Network
		text string
	}{
		"nothing":              {nn.Functional(nil), "0 inputs and 0 outputs"},
		"an input that is not": {nn.Functional(nodes(x.To(nn.Dense(1))), x.To(nn.Dense(1))), "input 0 is not an nn.Input"},
		"a nil input":          {nn.Functional(nodes(nil), x), "input 0 is not an nn.Input"},
		"an input twice":       {nn.Functional(nodes(x, x), x.To(nn.Dense(1))), "input 1 is listed twice"},
		"an input left out":    {nn.Functional(nodes(x), nn.Merge(nn.Concatenate(), x, other)), "an Input of [2] that is not among the inputs"},
		"an input for nothing": {nn.Functional(nodes(x, other), x.To(nn.Dense(1))), "input 1 of [2] leads to no output"},
		"an output of nothing": {nn.Functional(nodes(x), nil), "a node is nil"},
		"an output as it came": {nn.Functional(nodes(x), x), "output 0 is an input"},
		"a nil layer":          {nn.Functional(nodes(x), x.To(nil)), "a layer is nil"},
		"a merger of nothing":  {nn.Functional(nodes(x), x.To(nn.Dense(2)), nn.Merge(nn.Add())), `Add "add": no inputs`},
		"a bad input":          {nn.Functional(nodes(nn.Input(0)), x.To(nn.Dense(1))), "nn: Input: shape is [0]"},
		"shapes that differ":   {nn.Functional(nodes(x, other), nn.Merge(nn.Add(nn.Name("sum")), x, other)), `nn: Add "sum": input 1 is [2], want [3]`},
		"three to subtract":    {nn.Functional(nodes(x), nn.Merge(nn.Subtract(), x, x, x)), `Subtract "subtract": 3 inputs, want 2`},
		"axes that differ":     {nn.Functional(nodes(x, nn.Input(3, 1)), nn.Merge(nn.Concatenate(), x, x)), "input 1 of [3 1] leads to no output"},
		"another first axis": {func() *nn.Network {
			a, b := nn.Input(2, 2), nn.Input(3, 2)
			return nn.Functional(nodes(a, b), nn.Merge(nn.Concatenate(), a, b))
		}(), `Concatenate "concatenate": input 1 is [3 2], want [2 2] but for the last axis`},
		"shared for two shapes": {nn.Functional(nodes(x, other), nn.Merge(nn.Add(), x.To(shared), other.To(shared))), `Dense "dense" is shared: its input is [[2]], want [[3]]`},
		"a slice beyond":        {nn.Functional(nodes(x), x.To(nn.Slice(1, 4))), `Slice "slice": features [1, 4), want a part of [0, 3)`},
		"a node as a layer":     {nn.Sequential(x.To(nn.Dense(1)), nn.Dense(2)), "the first layer is InputLayer, want nn.Input"},
	} {
		t.Run(name, func(t *testing.T) { assert.ErrorContains(t, row.net.Err(), row.text) })
	}
	_, err := nn.Functional(nodes(x), nn.Merge(nn.Add(), x, x.To(nn.Dense(3))).To(nn.Dense(1, nn.Name("head")))).Lower("head")
	assert.ErrorContains(t, err, `not a chain: "add" branches`)
}
