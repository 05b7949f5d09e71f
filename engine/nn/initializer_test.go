package nn_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/nn"
)

// The smaller Gram matrix of the values must be gain²·I.
func TestOrthogonal(t *testing.T) {
	const gain = 1.5
	for _, size := range [][2]int{{1, 1}, {1, 7}, {7, 1}, {3, 3}, {64, 64}, {101, 37}, {37, 101}} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			rows, cols := size[0], size[1]
			values := kernel(t, rows, cols, nn.Orthogonal(gain))
			at := func(vector, i int) float64 { return float64(values[i*cols+vector]) }
			vectors, length := cols, rows
			if rows < cols {
				at = func(vector, i int) float64 { return float64(values[vector*cols+i]) }
				vectors, length = rows, cols
			}
			for a := range vectors {
				for b := range vectors {
					sum, want := 0.0, 0.0
					for i := range length {
						sum += at(a, i) * at(b, i)
					}
					if a == b {
						want = gain * gain
					}
					require.InDelta(t, want, sum, 1e-6, "vectors %d and %d", a, b)
				}
			}
		})
	}
}

func TestRandomInitializers(t *testing.T) {
	for _, row := range []struct {
		init      nn.Initializer
		mean      float64
		deviation float64
		limit     float64 // from the mean
	}{
		{nn.RandomNormal(2, 0.05), 2, 0.05, 0.3},
		{nn.RandomNormal(0, 3), 0, 3, 18},
		{nn.RandomTruncatedNormal(-1, 0.5), -1, 0.5 * 0.87962566, 1},
		{nn.RandomUniform(-0.05, 0.05), 0, 0.1 / math.Sqrt(12), 0.05},
		{nn.RandomUniform(1, 4), 2.5, 3 / math.Sqrt(12), 1.5},
	} {
		t.Run(row.init.String(), func(t *testing.T) {
			values := kernel(t, 250, 400, row.init)
			n := float64(len(values))
			mean, variance := 0.0, 0.0
			for _, v := range values {
				d := float64(v) - row.mean
				assert.LessOrEqual(t, math.Abs(d), row.limit+1e-6)
				mean += d / n
				variance += d * d / n
			}
			assert.InDelta(t, 0, mean/row.deviation, 5/math.Sqrt(n))
			assert.InDelta(t, 1, variance/(row.deviation*row.deviation), 10/math.Sqrt(n))
		})
	}
	assert.Equal(t, []float32{2, 2}, kernel(t, 1, 2, nn.RandomNormal(2, 0)))
}

func TestInitializersRefused(t *testing.T) {
	for text, option := range map[string]nn.DenseOption{
		"initializer orthogonal: gain is 0, want a positive number":                               nn.Orthogonal(0),
		"initializer random_normal: stddev is -1, want a finite number of at least 0":             nn.RandomNormal(0, -1),
		"initializer random_normal: mean is NaN, want a finite number":                            nn.RandomNormal(math.NaN(), 1),
		"initializer truncated_normal: stddev is +Inf":                                            nn.RandomTruncatedNormal(0, math.Inf(1)),
		"initializer random_uniform: low is 1 and high is 1, want finite numbers, low less":       nn.RandomUniform(1, 1),
		"bias: initializer orthogonal: the variable's shape is [2], want at least 2 axes":         nn.BiasInitializer(nn.Orthogonal(1)),
		`Dense "dense": bias: initializer constant: value is NaN`:                                 nn.BiasInitializer(nn.Constant(math.NaN())),
		"prelu: alpha: initializer orthogonal: the variable's shape is [2], want at least 2 axes": nn.PReLU(nn.Orthogonal(1)),
	} {
		t.Run(text, func(t *testing.T) {
			assert.ErrorContains(t, nn.Sequential(nn.Input(3), nn.Dense(2, option)).Err(), text)
		})
	}
}

func TestBiasInitializer(t *testing.T) {
	x := [][]float32{{1, 2}}
	assert.Equal(t, []float64{0.5, 0.5}, run(t, x, nn.Dense(2, nn.Zeros, nn.BiasInitializer(nn.Constant(0.5))), nil))
}

func ExampleOrthogonal() {
	net := nn.Sequential(
		nn.Input(784),
		nn.Dense(300, nn.ReLU, nn.Orthogonal(math.Sqrt2), nn.BiasInitializer(nn.Constant(0.01))),
		nn.Dense(10, nn.Softmax),
	)
	fmt.Println(net.Err())
	// Output: <nil>
}
