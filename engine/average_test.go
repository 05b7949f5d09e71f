package engine

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/optim"
)

// averaging keeps averages within other optimizers.
func averaging() Training {
	tr := smallTraining()
	tr.Optimizer = optim.Clipped{Optimizer: optim.EMA{Optimizer: optim.SGD{LearningRate: 0.1, Momentum: 0.9}, AverageMomentum: 0.75}, GlobalNorm: 5}
	return tr
}

// At the end of a fit the model has the averages of the weights after each step, and its other variables as they were.
func TestSwapEMAWeights(t *testing.T) {
	for _, device := range devices {
		t.Run(device.name, func(t *testing.T) {
			dev := device.open(t)
			plain, err := Compile(dev, small(), averaging())
			require.NoError(t, err)
			defer plain.Close()
			var want []float64
			for range 6 { // fits of one step each leave the weights to be read
				_, err := plain.Fit(context.Background(), blobs(32), Fit{})
				require.NoError(t, err)
				kernel, err := plain.Value("dense/kernel")
				require.NoError(t, err)
				if want == nil {
					want = toFloat64(kernel)
				}
				for i, w := range kernel {
					want[i] = 0.75*want[i] + 0.25*float64(w)
				}
			}
			moving, err := plain.Value("batch_normalization/moving_mean")
			require.NoError(t, err)

			m, err := Compile(dev, small(), averaging())
			require.NoError(t, err)
			defer m.Close()
			_, err = m.Fit(context.Background(), blobs(32), Fit{Epochs: 6, Callbacks: []Callback{SwapEMAWeights{}}})
			require.NoError(t, err)
			got, err := m.Value("dense/kernel")
			require.NoError(t, err)
			near(t, "kernel", toFloat64(got), want, 1e-6)
			same, err := m.Value("batch_normalization/moving_mean")
			require.NoError(t, err)
			assert.Equal(t, moving, same)
			scores, err := m.Evaluate(context.Background(), blobs(90))
			require.NoError(t, err)
			assert.Less(t, scores["loss"], 2.0)
		})
	}
}

func TestAveragesRefused(t *testing.T) {
	m := compileSmall(t, backendtest.NewOracle())
	assert.ErrorContains(t, m.UseAverages(), "keeps no averages of the weights: want optim.EMA")
	_, err := m.Fit(context.Background(), blobs(32), Fit{Callbacks: []Callback{SwapEMAWeights{}}})
	assert.ErrorContains(t, err, "SwapEMAWeights: the optimizer keeps no averages")
	m, err = Compile(backendtest.NewOracle(), small(), averaging())
	require.NoError(t, err)
	assert.ErrorContains(t, m.UseAverages(), "before the first step")
	_, err = m.Fit(context.Background(), blobs(32), Fit{})
	require.NoError(t, err)
	require.NoError(t, m.Freeze("dense"))
	assert.ErrorContains(t, m.UseAverages(), "before the first step", "the optimizer began anew")
	require.NoError(t, m.Close())
	assert.ErrorIs(t, m.UseAverages(), errClosed)
}

// What an optimizer asks of the variables is refused when the model is compiled, with their names.
func TestPatternsRefused(t *testing.T) {
	tr := smallTraining()
	tr.Optimizer = optim.Grouped{Optimizer: optim.Adam{}, Groups: []optim.Group{{Match: []string{"dense_7/*"}, Rate: 2}}}
	_, err := Compile(backendtest.NewOracle(), small(), tr)
	assert.ErrorContains(t, err, `optim: Adam: group 0: pattern "dense_7/*" matches no variable: there are batch_normalization/gamma`)
}

func ExampleSwapEMAWeights() {
	training := smallTraining()
	training.Optimizer = optim.EMA{Optimizer: optim.Adam{LearningRate: 0.01}}
	model, err := Compile(backendtest.NewOracle(), small(), training)
	if err != nil {
		panic(err)
	}
	defer model.Close()
	_, err = model.Fit(context.Background(), blobs(300), Fit{Epochs: 20, Callbacks: []Callback{SwapEMAWeights{}}})
	if err != nil {
		panic(err)
	}
	scores, err := model.Evaluate(context.Background(), blobs(90))
	if err != nil {
		panic(err)
	}
	fmt.Println("more than 4 of 5 are right:", scores["accuracy"] > 0.8)
	// Output: more than 4 of 5 are right: true
}
