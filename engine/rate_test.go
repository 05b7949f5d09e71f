package engine

import (
	"context"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/optim"
)

// ratesOfEpochs are the learning rates with which the epochs began.
func ratesOfEpochs(h *History) (rates []float64) {
	for _, e := range h.Epochs {
		rates = append(rates, e.LearningRate)
	}
	return rates
}

// The rates are worked out from Keras's algorithm, epoch by epoch.
func TestReduceLROnPlateau(t *testing.T) {
	nan := math.NaN()
	for _, row := range []struct {
		name   string
		losses []float64
		reduce ReduceLROnPlateau
		want   []float64 // of each epoch, beginning at 1
	}{
		{"at once", []float64{3, 3, 2, 2, 1}, ReduceLROnPlateau{Factor: 0.5, Patience: 1}, []float64{1, 1, 0.5, 0.5, 0.25}},
		{"with patience", []float64{3, 3, 3, 3, 3, 2}, ReduceLROnPlateau{Factor: 0.5, Patience: 2}, []float64{1, 1, 1, 0.5, 0.5, 0.25}},
		{"the default factor", []float64{3, 3, 3}, ReduceLROnPlateau{Patience: 1}, []float64{1, 1, 0.1}},
		{"the default patience", []float64{3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3}, ReduceLROnPlateau{}, []float64{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0.1}},
		{"the default min delta", []float64{3, 2.99995, 2.9}, ReduceLROnPlateau{Factor: 0.5, Patience: 1}, []float64{1, 1, 0.5}},
		{"a floor", []float64{3, 3, 3, 3}, ReduceLROnPlateau{Factor: 0.5, Patience: 1, MinLR: 0.4}, []float64{1, 1, 0.5, 0.4}},
		{"a cooldown", []float64{3, 3, 3, 3, 3, 3}, ReduceLROnPlateau{Factor: 0.5, Patience: 1, Cooldown: 2}, []float64{1, 1, 0.5, 0.5, 0.25, 0.25}},
		{"NaN", []float64{3, nan, 3, 2}, ReduceLROnPlateau{Factor: 0.5, Patience: 2}, []float64{1, 1, 1, 0.5}},
		{"larger is better", []float64{1, 2, 3, 3, 1}, ReduceLROnPlateau{Monitor: Monitor{Maximize: true}, Factor: 0.5, Patience: 1}, []float64{1, 1, 1, 1, 0.5}},
	} {
		t.Run(row.name, func(t *testing.T) {
			tr := smallTraining()
			tr.Optimizer = optim.SGD{LearningRate: 1}
			m, err := Compile(backendtest.NewOracle(), small(), tr)
			require.NoError(t, err)
			defer m.Close()
			history, err := m.Fit(context.Background(), blobs(30), Fit{Epochs: len(row.losses), Validation: blobs(9),
				Callbacks: []Callback{scripted(row.losses...), &row.reduce}})
			require.NoError(t, err)
			assert.InDeltaSlice(t, row.want, ratesOfEpochs(history), 1e-12)
		})
	}
}

// A smaller rate makes smaller steps, on every device, with every optimizer and under a schedule.
func TestLearningRateActs(t *testing.T) {
	for _, device := range devices {
		for _, o := range []optim.Optimizer{optim.SGD{LearningRate: 0.5}, optim.SGD{Schedule: optim.PowerDecay{Initial: 0.5, Steps: 100}},
			optim.Adam{LearningRate: 0.5}, optim.Lamb{LearningRate: 0.5}, optim.Muon{LearningRate: 0.5},
			optim.Grouped{Optimizer: optim.EMA{Optimizer: optim.Clipped{Optimizer: optim.Lion{LearningRate: 0.5}, Value: 5}}}} {
			t.Run(fmt.Sprintf("%s %T", device.name, o), func(t *testing.T) {
				tr := smallTraining()
				tr.Optimizer = o
				m, err := Compile(device.open(t), small(), tr)
				require.NoError(t, err)
				defer m.Close()
				assert.Equal(t, 0.5, m.LearningRate())
				require.NoError(t, m.SetLearningRate(0))
				before, err := m.Value("dense/kernel")
				require.NoError(t, err)
				_, err = m.Fit(context.Background(), blobs(32), Fit{})
				require.NoError(t, err)
				after, err := m.Value("dense/kernel")
				require.NoError(t, err)
				assert.Equal(t, before, after, "a rate of 0")
				require.NoError(t, m.SetLearningRate(0.25))
				_, err = m.Fit(context.Background(), blobs(32), Fit{})
				require.NoError(t, err)
				after, err = m.Value("dense/kernel")
				require.NoError(t, err)
				assert.NotEqual(t, before, after)
			})
		}
	}
}

func TestLearningRateScheduler(t *testing.T) {
	m := compileSmall(t, backendtest.NewOracle())
	var epochs []int
	tenth := LearningRateScheduler(func(epoch int, rate float64) float64 {
		epochs = append(epochs, epoch)
		return rate / 10
	})
	for range 2 {
		history, err := m.Fit(context.Background(), blobs(30), Fit{Epochs: 2, Callbacks: []Callback{tenth}})
		require.NoError(t, err)
		assert.InDelta(t, history.Epochs[0].LearningRate/10, history.Epochs[1].LearningRate, 1e-12)
	}
	assert.Equal(t, []int{1, 2, 3, 4}, epochs)
	assert.InDelta(t, 1e-5, m.LearningRate(), 1e-12)
}

func TestLearningRateRefused(t *testing.T) {
	m := compileSmall(t, backendtest.NewOracle())
	for _, row := range []struct {
		c    Callback
		text string
	}{
		{&ReduceLROnPlateau{Factor: 1}, "ReduceLROnPlateau: factor is 1, want 0 to 1 exclusive"},
		{&ReduceLROnPlateau{Patience: -1}, "patience is -1"},
		{&ReduceLROnPlateau{Cooldown: -1}, "cooldown -1"},
		{&ReduceLROnPlateau{MinLR: math.NaN()}, "min LR NaN"},
		{&ReduceLROnPlateau{Monitor: Monitor{Score: "val_auc"}}, `no score "val_auc"`},
		{LearningRateScheduler(func(int, float64) float64 { return -1 }), "learning rate is -1, want 0 to 1e+06"},
	} {
		_, err := m.Fit(context.Background(), blobs(30), Fit{Callbacks: []Callback{row.c}})
		assert.ErrorContains(t, err, row.text)
	}
	tr := smallTraining()
	tr.Optimizer = optim.SGD{Schedule: optim.ScheduleFunc(func(int) float64 { return 0 })}
	m, err := Compile(backendtest.NewOracle(), small(), tr)
	require.NoError(t, err)
	defer m.Close()
	assert.ErrorContains(t, m.SetLearningRate(1), "the optimizer's own is 0 at step 0, want more than 0")
}

func ExampleReduceLROnPlateau() {
	model, err := Compile(backendtest.NewOracle(), small(), smallTraining())
	if err != nil {
		panic(err)
	}
	defer model.Close()
	history, err := model.Fit(context.Background(), blobs(300), Fit{Epochs: 30, Validation: blobs(90),
		Callbacks: []Callback{&ReduceLROnPlateau{Patience: 2, Factor: 0.5}}})
	if err != nil {
		panic(err)
	}
	fmt.Println("the rate was reduced:", history.Last().LearningRate < history.Epochs[0].LearningRate)
	// Output: the rate was reduced: true
}

func ExampleLearningRateScheduler() {
	model, err := Compile(backendtest.NewOracle(), small(), smallTraining())
	if err != nil {
		panic(err)
	}
	defer model.Close()
	halve := LearningRateScheduler(func(epoch int, rate float64) float64 {
		if epoch == 1 {
			return rate
		}
		return rate / 2
	})
	history, err := model.Fit(context.Background(), blobs(300), Fit{Epochs: 3, Callbacks: []Callback{halve}})
	if err != nil {
		panic(err)
	}
	for _, e := range history.Epochs {
		fmt.Printf("%.3g ", e.LearningRate)
	}
	// Output: 0.1 0.05 0.025
}
