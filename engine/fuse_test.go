package engine

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/cpu"
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/data"
	"github.com/gradus-ml/gradus/engine/graph"
	"github.com/gradus-ml/gradus/engine/loss"
	"github.com/gradus-ml/gradus/engine/nn"
	"github.com/gradus-ml/gradus/engine/random"
)

// compileRandom compiles a network and gives every variable random values, so that no BatchNorm does nothing by chance.
func compileRandom(t testing.TB, dev backend.Backend, layers ...nn.Layer) *Model {
	t.Helper()
	return compileNetwork(t, dev, nn.Sequential(layers...), endsInSoftmax(layers))
}

// compileNetwork is compileRandom of a network that is there.
func compileNetwork(t testing.TB, dev backend.Backend, net *nn.Network, softmax bool) *Model {
	t.Helper()
	tr := smallTraining()
	tr.Loss = loss.SparseCategoricalCrossentropy{FromLogits: !softmax}
	m, err := Compile(dev, net, tr)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, m.Close()) })
	s := random.NewStream(3, 0)
	for _, v := range m.Variables() {
		values := make([]float32, graph.Size(v.Shape))
		for i := range values {
			values[i] = 0.5 + s.Float32()
		}
		require.NoError(t, m.SetValue(v.Name, values))
	}
	return m
}

// endsInSoftmax reports whether the last layer is a Dense: those of these tests that come last end in Softmax.
func endsInSoftmax(layers []nn.Layer) bool { return nn.TypeOf(layers[len(layers)-1]) == "Dense" }

func noise(n int, shape ...int) *data.Set {
	s, set := random.NewStream(4, 0), &data.Set{Shape: shape}
	for range n * graph.Size(shape) {
		set.Floats = append(set.Floats, float32(s.Normal()))
	}
	return set
}

// Every way to fold, and every reason not to: the fused network must compute the same.
func TestFuse(t *testing.T) {
	for _, row := range []struct {
		name   string
		shape  []int
		layers []nn.Layer
		folds  []string
		left   []string // types of the layers that remain
	}{
		{"first in the network", []int{4}, []nn.Layer{nn.BatchNorm(), nn.Dense(3, nn.Softmax)},
			[]string{"batch_normalization folded forward into dense"}, []string{"Dense"}},
		{"between Dense and its activation", []int{4}, []nn.Layer{nn.Dense(5), nn.BatchNorm(), nn.Activation(nn.ReLU), nn.Dense(3, nn.Softmax)},
			[]string{"batch_normalization folded back into dense"}, []string{"Dense", "Activation", "Dense"}},
		{"a Dense without bias", []int{4}, []nn.Layer{nn.Dense(5, nn.NoBias), nn.BatchNorm(), nn.Activation(nn.ReLU), nn.Dense(3, nn.Softmax)},
			[]string{"batch_normalization folded back into dense"}, []string{"Dense", "Activation", "Dense"}},
		{"after an activation", []int{4}, []nn.Layer{nn.Dense(5, nn.ELU), nn.BatchNorm(), nn.Dense(3, nn.Softmax, nn.NoBias)},
			[]string{"batch_normalization folded forward into dense_1"}, []string{"Dense", "Dense"}},
		{"before a Flatten", []int{3, 2}, []nn.Layer{nn.BatchNorm(nn.Epsilon(0.1)), nn.Flatten(), nn.Dense(3, nn.Softmax)},
			[]string{"batch_normalization folded forward into dense"}, []string{"Flatten", "Dense"}},
		{"of another axis, before a Flatten", []int{3, 2}, []nn.Layer{nn.BatchNorm(nn.Axis(1)), nn.Flatten(), nn.Dense(3, nn.Softmax)},
			[]string{"batch_normalization folded forward into dense"}, []string{"Flatten", "Dense"}},
		{"two in a row", []int{4}, []nn.Layer{nn.BatchNorm(), nn.BatchNorm(), nn.Dense(3, nn.Softmax)},
			[]string{"batch_normalization folded forward into dense", "batch_normalization_1 folded forward into dense"}, []string{"Dense"}},
		{"two on both sides", []int{4}, []nn.Layer{nn.Dense(4), nn.BatchNorm(), nn.BatchNorm(), nn.Dense(3, nn.Softmax)},
			[]string{"batch_normalization folded back into dense", "batch_normalization_1 folded back into dense"}, []string{"Dense", "Dense"}},
		{"behind an activation and before another", []int{4},
			[]nn.Layer{nn.Dense(5, nn.ReLU), nn.BatchNorm(nn.Name("bn")), nn.Activation(nn.ReLU), nn.Dense(3, nn.Softmax)},
			[]string{"bn stays: Activation comes after it, and no Dense without an activation is just before it"},
			[]string{"Dense", "BatchNormalization", "Activation", "Dense"}},
		{"at the end", []int{4}, []nn.Layer{nn.Dense(3, nn.ReLU), nn.BatchNorm(), nn.Flatten()},
			[]string{"batch_normalization stays: it ends the network, and no Dense without an activation is just before it"},
			[]string{"Dense", "BatchNormalization", "Flatten"}},
		{"nothing to fold", []int{4}, []nn.Layer{nn.Dense(3, nn.Softmax)}, nil, []string{"Dense"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			m := compileRandom(t, backendtest.NewOracle(), append([]nn.Layer{nn.Input(row.shape...)}, row.layers...)...)
			fused, report, err := m.Fuse(context.Background(), noise(20, row.shape...))
			require.NoError(t, err)
			defer fused.Close()
			var folds, left []string
			for _, f := range report.Folds {
				folds = append(folds, f.String())
			}
			for _, l := range fused.Network().Layers() {
				left = append(left, nn.TypeOf(l.Layer))
			}
			assert.Equal(t, row.folds, folds)
			assert.Equal(t, row.left, left)
			assert.Less(t, report.MaxDifference, 2e-6)
			assert.Equal(t, 20, report.Examples)
			assert.Len(t, m.Network().Layers(), len(row.layers), "the model itself stays as it is")
		})
	}
}

// A trained network, on the devices that people use.
func TestFuseTrained(t *testing.T) {
	for _, device := range real {
		t.Run(device.name, func(t *testing.T) {
			m := compileSmall(t, device.open(t))
			_, err := m.Fit(context.Background(), blobs(300), Fit{Epochs: 5})
			require.NoError(t, err)
			fused, report, err := m.Fuse(context.Background(), blobs(300))
			require.NoError(t, err)
			defer fused.Close()
			assert.Less(t, report.MaxDifference, 1e-5)
			assert.Positive(t, report.Speedup())
			want, err := m.Evaluate(context.Background(), blobs(300))
			require.NoError(t, err)
			got, err := fused.Evaluate(context.Background(), blobs(300))
			require.NoError(t, err)
			assert.InDelta(t, want["accuracy"], got["accuracy"], 1e-9)
			_, frozen := fused.Network().Parameters()
			assert.Zero(t, frozen, "no moving averages are left")
		})
	}
}

// uncopied is a layer of a user's own that cannot be copied.
type uncopied struct{}

func (*uncopied) Build(_ *nn.Builder, in []int) ([]int, error)             { return in, nil }
func (*uncopied) Forward(_ *graph.Recorder, x *graph.Tensor) *graph.Tensor { return x }

func TestFuseRefused(t *testing.T) {
	m := compileRandom(t, backendtest.NewOracle(), nn.Input(4), &uncopied{}, nn.Dense(3, nn.Softmax))
	_, _, err := m.Fuse(context.Background(), noise(3, 4))
	assert.ErrorContains(t, err, `nn: Uncopied "uncopied" cannot be copied`)
	_, err = m.Clone()
	assert.ErrorContains(t, err, "cannot be copied")
	small := compileSmall(t, backendtest.NewOracle())
	_, _, err = small.Fuse(context.Background(), noise(3, 5))
	assert.ErrorContains(t, err, "examples are [5], want [4]")
	require.NoError(t, small.Close())
	_, _, err = small.Fuse(context.Background(), noise(3, 4))
	assert.ErrorIs(t, err, errClosed)
}

func TestClone(t *testing.T) {
	m := compileSmall(t, backendtest.NewOracle())
	_, err := m.Fit(context.Background(), blobs(60), Fit{})
	require.NoError(t, err)
	c, err := m.Clone()
	require.NoError(t, err)
	defer c.Close()
	assert.Equal(t, m.Variables(), c.Variables())
	before, err := m.Predict(context.Background(), blobs(9))
	require.NoError(t, err)
	_, err = c.Fit(context.Background(), blobs(60), Fit{})
	require.NoError(t, err)
	after, err := m.Predict(context.Background(), blobs(9))
	require.NoError(t, err)
	assert.Equal(t, before, after, "training the clone changed the model")
	trained, err := c.Predict(context.Background(), blobs(9))
	require.NoError(t, err)
	assert.NotEqual(t, before, trained)
}

func ExampleModel_Fuse() {
	dev, err := cpu.Open()
	if err != nil {
		panic(err)
	}
	defer dev.Close()
	model, err := Compile(dev, small(), smallTraining()) // BatchNorm, Dense ELU, BatchNorm, Dense softmax
	if err != nil {
		panic(err)
	}
	defer model.Close()
	if _, err := model.Fit(context.Background(), blobs(300), Fit{Epochs: 3}); err != nil {
		panic(err)
	}
	fused, report, err := model.Fuse(context.Background(), blobs(300))
	if err != nil {
		panic(err)
	}
	defer fused.Close()
	for _, fold := range report.Folds {
		fmt.Println(fold)
	}
	fmt.Println("the outputs agree:", report.MaxDifference < 1e-5)
	// Output:
	// batch_normalization folded forward into dense
	// batch_normalization_1 folded forward into dense_1
	// the outputs agree: true
}
