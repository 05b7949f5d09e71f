package nn_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/nn"
)

// In inference mode each index of the axis has its own mean, variance, gamma and beta.
func TestBatchNormAxis(t *testing.T) {
	x := [][]float32{{1, 2, 3, 4, 5, 6}, {-1, 0, 2, -3, 5, 7}}
	for _, row := range []struct {
		name  string
		axis  nn.Axis
		index func(i int) int // of the element of an example [3 2]
		size  int
	}{
		{"first", 1, func(i int) int { return i / 2 }, 3},
		{"first from behind", -2, func(i int) int { return i / 2 }, 3},
		{"last", 2, func(i int) int { return i % 2 }, 2},
		{"last from behind", -1, func(i int) int { return i % 2 }, 2},
	} {
		t.Run(row.name, func(t *testing.T) {
			gamma, beta, mean, variance := []float32{1, 2, 3}, []float32{0.5, -1, 4}, []float32{1, 0, -2}, []float32{4, 0.25, 1}
			values := map[string][]float32{"bn/gamma": gamma[:row.size], "bn/beta": beta[:row.size],
				"bn/moving_mean": mean[:row.size], "bn/moving_variance": variance[:row.size]}
			var want []float64
			for _, example := range x {
				for i, v := range example {
					c := row.index(i)
					want = append(want, float64(gamma[c])*(float64(v)-float64(mean[c]))/math.Sqrt(float64(variance[c])+0.5)+float64(beta[c]))
				}
			}
			got := run(t, x, nn.BatchNorm(row.axis, nn.Epsilon(0.5), nn.Name("bn")), values, 3, 2)
			assert.InDeltaSlice(t, want, got, 1e-12)
		})
	}
}

func TestBatchNormOptions(t *testing.T) {
	layer := nn.BatchNorm(nn.Epsilon(0.25), nn.GammaInitializer(nn.Constant(2)), nn.BetaInitializer(nn.Constant(3)),
		nn.MovingMeanInitializer(nn.Ones), nn.MovingVarianceInitializer(nn.Constant(0.75)))
	copied := layer.(nn.Copier).Copy()
	for name, l := range map[string]nn.Layer{"given": layer, "copied": copied} {
		t.Run(name, func(t *testing.T) {
			assert.InDeltaSlice(t, []float64{5, -1}, run(t, [][]float32{{2, -1}}, l, nil), 1e-12)
		})
	}
	norm := nn.LayerNorm(nn.GammaInitializer(nn.Zeros), nn.BetaInitializer(nn.Constant(3)))
	assert.Equal(t, []float64{3, 3}, run(t, [][]float32{{2, -1}}, norm, nil))
}

func TestBatchNormOptionsRefused(t *testing.T) {
	for text, layer := range map[string]nn.Layer{
		`BatchNormalization "bn": axis is 0, want 1 to 2 or -2 to -1 for an input of [3 2]`:          nn.BatchNorm(nn.Axis(0), nn.Name("bn")),
		`BatchNormalization "batch_normalization": axis is 3, want 1 to 2`:                           nn.BatchNorm(nn.Axis(3)),
		`BatchNormalization "batch_normalization": axis is -3`:                                       nn.BatchNorm(nn.Axis(-3)),
		`beta: initializer random_normal: stddev is -1`:                                              nn.BatchNorm(nn.BetaInitializer(nn.RandomNormal(0, -1))),
		`moving variance: initializer orthogonal: the variable's shape is [2], want at least 2 axes`: nn.BatchNorm(nn.MovingVarianceInitializer(nn.Orthogonal(1))),
		`LayerNormalization "layer_normalization": gamma: initializer constant: value is NaN`:        nn.LayerNorm(nn.GammaInitializer(nn.Constant(math.NaN()))),
	} {
		t.Run(text, func(t *testing.T) {
			assert.ErrorContains(t, nn.Sequential(nn.Input(3, 2), layer).Err(), text)
		})
	}
}

func ExampleAxis() {
	net := nn.Sequential(
		nn.Input(28, 28),
		nn.BatchNorm(nn.Axis(1)), // each row of the images by itself
		nn.Flatten(),
		nn.Dense(10, nn.Softmax),
	)
	trainable, moving := net.Parameters()
	fmt.Println(trainable, moving)
	// Output: 7906 56
}

func TestBatchNormAxisShape(t *testing.T) {
	net := nn.Sequential(nn.Input(4, 3, 2), nn.BatchNorm(nn.Axis(2)), nn.Flatten())
	require.NoError(t, net.Err())
	assert.Equal(t, []int{3}, net.Variables()[0].Shape)
}
