package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/optim"
)

// The lines hold what the history does; what JSON cannot hold is null.
func TestJSONLogger(t *testing.T) {
	m, out := compileSmall(t, backendtest.NewOracle()), bytes.Buffer{}
	spoil := EpochFunc(func(_ *Model, e Epoch) error {
		if e.Number == 2 {
			e.Validation["loss"] = math.Inf(1)
		}
		return nil
	})
	h, err := m.Fit(context.Background(), blobs(30), Fit{Epochs: 2, BatchSize: 10, Validation: blobs(9), Callbacks: []Callback{spoil, &JSONLogger{W: &out, UpdateFreq: 2}}})
	require.NoError(t, err)
	var epochs, steps []map[string]any
	for text := range strings.Lines(out.String()) {
		var line map[string]any
		require.NoError(t, json.Unmarshal([]byte(text), &line))
		if line["step"] == nil {
			epochs = append(epochs, line)
		} else {
			steps = append(steps, line)
		}
	}
	require.Len(t, epochs, 2)
	for i, e := range h.Epochs {
		assert.EqualValues(t, e.Number, epochs[i]["epoch"])
		assert.EqualValues(t, 3, epochs[i]["steps"])
		assert.Equal(t, e.LearningRate, epochs[i]["learning_rate"])
		for name, v := range e.Scores {
			assert.Equal(t, v, epochs[i][name])
		}
	}
	assert.Equal(t, h.Epochs[0].Validation["loss"], epochs[0]["val_loss"])
	assert.Contains(t, epochs[1], "val_loss")
	assert.Nil(t, epochs[1]["val_loss"])
	require.Len(t, steps, 3)
	for i, line := range steps { // of six
		number := 2 * (i + 1)
		assert.EqualValues(t, number, line["step"])
		assert.Equal(t, h.Epochs[(number-1)/3].StepLosses[(number-1)%3], line["batch_loss"])
		assert.EqualValues(t, (number-1)/3+1, line["epoch"])
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

func TestJSONLoggerFails(t *testing.T) {
	for text, c := range map[string]*JSONLogger{"W is missing": {}, "update freq is -1": {W: &bytes.Buffer{}, UpdateFreq: -1}, "the disk is full": {W: fullDisk{}}} {
		_, err := compileSmall(t, backendtest.NewOracle()).Fit(context.Background(), blobs(30), Fit{Callbacks: []Callback{c}})
		assert.ErrorContains(t, err, text)
	}
}

// Steps are numbered over all calls of Fit, and each has the rate that the schedule and SetLearningRate make.
func TestStepNumbersAndRates(t *testing.T) {
	tr := smallTraining()
	tr.Optimizer = optim.SGD{Schedule: optim.ExponentialDecay{Initial: 0.1, Decay: 0.5, Steps: 4}}
	m, err := Compile(backendtest.NewOracle(), small(), tr)
	require.NoError(t, err)
	defer m.Close()
	var numbers []int
	var rates []float64
	watch := StepFunc(func(_ *Model, s Steps) error {
		for i := range s.Losses {
			numbers, rates = append(numbers, s.Number+i), append(rates, s.Rates[i])
		}
		return nil
	})
	for range 2 {
		_, err := m.Fit(context.Background(), blobs(30), Fit{BatchSize: 10, Callbacks: []Callback{watch, EpochFunc(func(m *Model, _ Epoch) error { return m.SetLearningRate(m.LearningRate() / 4) })}})
		require.NoError(t, err)
	}
	assert.Equal(t, []int{0, 1, 2, 3, 4, 5}, numbers)
	for i, rate := range rates {
		want := tr.Optimizer.Rate(i)
		if i > 2 {
			want /= 4
		}
		assert.InEpsilon(t, want, rate, 1e-9, "step %d", i)
	}
}

// A step of plain gradient descent takes off the rate times the gradient, also where the step is made of parts.
func TestGradient(t *testing.T) {
	for _, device := range real {
		for _, micro := range []int{0, 5} {
			t.Run(fmt.Sprint(device.name, ", micro-batches of ", micro), func(t *testing.T) {
				tr := smallTraining()
				tr.Optimizer = optim.SGD{LearningRate: 0.5}
				m, err := Compile(device.open(t), small(), tr)
				require.NoError(t, err)
				defer m.Close()
				before, err := m.weights()
				require.NoError(t, err)
				check := EpochFunc(func(m *Model, _ Epoch) error {
					for _, v := range m.Variables() {
						gradient, err := m.Gradient(v.Name)
						if !v.Trainable {
							assert.ErrorContains(t, err, "is not trainable")
							continue
						}
						require.NoError(t, err)
						after, err := m.Value(v.Name)
						require.NoError(t, err)
						for i := range after {
							assert.InDelta(t, before[v.Name][i]-after[i], 0.5*gradient[i], 1e-6, "%s[%d]", v.Name, i)
						}
					}
					return nil
				})
				_, err = m.Fit(context.Background(), blobs(10), Fit{BatchSize: 10, MicroBatch: micro, Callbacks: []Callback{check}})
				require.NoError(t, err)
				_, err = m.Gradient("nobody/kernel")
				assert.ErrorContains(t, err, "no variable")
			})
		}
	}
}

func ExampleJSONLogger() {
	var out bytes.Buffer // or a file
	m, err := Compile(backendtest.NewOracle(), small(), smallTraining())
	if err != nil {
		panic(err)
	}
	defer m.Close()
	if _, err := m.Fit(context.Background(), blobs(30), Fit{Epochs: 3, Callbacks: []Callback{&JSONLogger{W: &out}}}); err != nil {
		panic(err)
	}
	fmt.Println(strings.Count(out.String(), "\n"), "lines")
	// Output: 3 lines
}
