package engine

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/data"
	"github.com/gradus-ml/gradus/engine/optim"
)

// The rates grow as they should, the loss falls and explodes, and what is suggested trains.
func TestFindLearningRate(t *testing.T) {
	for _, device := range devices {
		t.Run(device.name, func(t *testing.T) {
			tr := smallTraining()
			tr.Optimizer = optim.SGD{Schedule: optim.PowerDecay{Initial: 0.3, Steps: 10}, Momentum: 0.9}
			m, err := Compile(device.open(t), small(), tr)
			require.NoError(t, err)
			defer m.Close()
			curve, err := m.FindLearningRate(context.Background(), blobs(300), RangeTest{High: 1e4, Steps: 200})
			require.NoError(t, err)
			n := len(curve.Rates)
			assert.InDelta(t, 1e-5, curve.Rates[0], 1e-15)
			assert.InDelta(t, math.Pow(1e9, 1.0/199), curve.Rates[1]/curve.Rates[0], 1e-9)
			assert.Len(t, curve.Losses, n)
			assert.Len(t, curve.Smoothed, n)
			assert.Less(t, n, 200, "the loss explodes before the last step")
			assert.Greater(t, curve.Smoothed[n-1], 4*curve.Smoothed[curve.turn()])
			assert.Equal(t, curve.Turning/10, curve.Suggested)
			assert.Equal(t, curve.Turning/3, curve.CycleMax)
			assert.Greater(t, curve.Suggested, 1e-4)
			assert.Less(t, curve.Suggested, 1.0)
		})
	}
}

// On a plateau with noise the turning point is where the loss leaves it, not where chance made it least.
func TestTurning(t *testing.T) {
	c := RateCurve{Smoothed: []float64{2, 1.5, 1, 0.62, 0.6, 0.65, 0.64, 0.66, 0.7, 0.75, 0.9, 2}}
	for i := range c.Smoothed {
		c.Rates, c.Losses = append(c.Rates, float64(i+1)), append(c.Losses, 1)
	}
	require.NoError(t, c.judge())
	assert.Equal(t, 9.0, c.Turning, "0.7 is the last within a tenth of the way back from 0.6 to 2")
	rising := RateCurve{Smoothed: []float64{1, 1.1, 3}, Rates: []float64{1, 2, 3}}
	require.NoError(t, rising.judge())
	assert.Equal(t, 1.0, rising.Turning)
}

// An optimizer at the rates of a test has the coefficients that it has at these rates without one.
func TestRangeTestRates(t *testing.T) {
	for _, o := range []optim.Optimizer{optim.SGD{LearningRate: 3}, optim.Adam{Schedule: optim.PowerDecay{Initial: 3, Steps: 2}}} {
		r := rising{o, RangeTest{Low: 0.01, High: 1, Steps: 3}}
		for step, rate := range []float32{0.01, 0.1, 1, 1} {
			assert.InDelta(t, rate, r.Rate(step), 1e-7)
			fixed := optim.Optimizer(optim.SGD{LearningRate: rate})
			if o.Name() == "Adam" {
				fixed = optim.Adam{LearningRate: rate}
			}
			assert.InDeltaSlice(t, fixed.Rates(step, 1), r.Rates(step, 1), 1e-6)
		}
	}
}

// The model is as it was: training after a test gives the same bits as training without.
func TestFindLearningRateLeavesTheModel(t *testing.T) {
	for _, device := range real {
		t.Run(device.name, func(t *testing.T) {
			dev := device.open(t)
			var losses [][]float64
			for _, test := range []bool{false, true} {
				m := compileSmall(t, dev)
				_, err := m.Fit(context.Background(), blobs(101), Fit{})
				require.NoError(t, err)
				if test {
					_, err := m.FindLearningRate(context.Background(), blobs(101), RangeTest{Steps: 20})
					require.NoError(t, err)
				}
				history, err := m.Fit(context.Background(), blobs(101), Fit{Epochs: 2})
				require.NoError(t, err)
				losses = append(losses, append(history.Epochs[0].StepLosses, history.Epochs[1].StepLosses...))
			}
			assert.Equal(t, losses[0], losses[1])
		})
	}
}

// The moving average is corrected for its beginning: of constant losses it is the constant.
func TestRateCurveSmooths(t *testing.T) {
	o, c := rising{test: RangeTest{Low: 1, High: 2, Steps: 5, Smoothing: 0.5}}, RateCurve{}
	for _, loss := range []float64{4, 4, 1, 1} {
		c.add(o, loss)
	}
	assert.InDeltaSlice(t, []float64{4, 4, (0.125*4 + 0.25*4 + 0.5) / 0.875, (0.0625*4 + 0.125*4 + 0.25 + 0.5) / 0.9375}, c.Smoothed, 1e-12)
}

func TestFindLearningRateRefused(t *testing.T) {
	for name, row := range map[string]struct {
		train *data.Set
		test  RangeTest
		text  string
	}{
		"no set":             {nil, RangeTest{}, "engine: learning rate test: engine: fit: training set: no data set"},
		"falling rates":      {blobs(40), RangeTest{Low: 1, High: 0.1}, "rates are from 1 to 0.1, want more than 0, rising"},
		"a negative rate":    {blobs(40), RangeTest{Low: -1}, "rates are from -1 to 10"},
		"one step":           {blobs(40), RangeTest{Steps: 1}, "steps is 1, want at least 2"},
		"too much smoothing": {blobs(40), RangeTest{Smoothing: 1}, "smoothing is 1, want 0 to 1 exclusive"},
		"a large batch":      {blobs(40), RangeTest{BatchSize: 41}, "batch size is 41"},
	} {
		t.Run(name, func(t *testing.T) {
			m := compileSmall(t, real[0].open(t))
			_, err := m.FindLearningRate(context.Background(), row.train, row.test)
			assert.ErrorContains(t, err, row.text)
		})
	}
	m := compileSmall(t, backendtest.NewOracle())
	require.NoError(t, m.SetValue("dense/bias", slices.Repeat([]float32{float32(math.NaN())}, 8)))
	_, err := m.FindLearningRate(context.Background(), blobs(40), RangeTest{})
	assert.ErrorContains(t, err, "the loss of the first step is NaN at a rate of 1e-05")
	tr := smallTraining()
	tr.Optimizer = optim.SGD{Schedule: optim.PolynomialDecay{Initial: 1, Steps: 5}}
	m, err = Compile(backendtest.NewOracle(), small(), tr)
	require.NoError(t, err)
	_, err = m.FindLearningRate(context.Background(), blobs(40), RangeTest{})
	assert.ErrorContains(t, err, "the optimizer's own rate is 0 at step 5, want more than 0")
	require.NoError(t, m.Close())
	_, err = m.FindLearningRate(context.Background(), blobs(40), RangeTest{})
	assert.Error(t, err)
}

func ExampleModel_FindLearningRate() {
	model, err := Compile(backendtest.NewOracle(), small(), smallTraining())
	if err != nil {
		panic(err)
	}
	defer model.Close()
	curve, err := model.FindLearningRate(context.Background(), blobs(300), RangeTest{High: 1e3, Steps: 200})
	if err != nil {
		panic(err)
	}
	cycle := optim.OneCycle{Max: curve.Suggested, Steps: 1000}
	fmt.Println("the suggested rate is within reason:", cycle.Max > 1e-3 && cycle.Max < 1)
	// Output: the suggested rate is within reason: true
}
