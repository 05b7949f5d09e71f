package engine

import (
	"bytes"
	"context"
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

// scripted overwrites an epoch's validation loss, so that a test knows when it improves; it runs before what it tests.
func scripted(losses ...float64) EpochFunc {
	i := 0
	return func(_ *Model, e Epoch) error {
		e.Validation["loss"] = losses[i]
		i++
		return nil
	}
}

func TestEarlyStopping(t *testing.T) {
	for _, row := range []struct {
		name   string
		losses []float64
		stop   EarlyStopping
		epochs int
	}{
		{"at once", []float64{3, 2, 2.5, 1, 1}, EarlyStopping{}, 3},
		{"with patience", []float64{3, 2, 2.5, 2.1, 1, 1, 1, 1}, EarlyStopping{Patience: 2}, 8},
		{"too small a gain", []float64{3, 2.95, 2.91, 1}, EarlyStopping{Monitor: Monitor{MinDelta: 0.1}, Patience: 1}, 3},
		{"NaN is no improvement", []float64{3, math.NaN(), 2, math.NaN(), math.NaN()}, EarlyStopping{Patience: 1}, 5},
		{"NaN from the start", []float64{math.NaN(), math.NaN(), 1}, EarlyStopping{}, 1},
		{"never", []float64{5, 4, 3, 2}, EarlyStopping{}, 4},
		{"larger is better", []float64{1, 2, 3, 2}, EarlyStopping{Monitor: Monitor{Maximize: true}}, 4},
	} {
		t.Run(row.name, func(t *testing.T) {
			m := compileSmall(t, backendtest.NewOracle())
			stop := row.stop
			history, err := m.Fit(context.Background(), blobs(30), Fit{Epochs: len(row.losses), Validation: blobs(9),
				Callbacks: []Callback{scripted(row.losses...), &stop}})
			require.NoError(t, err)
			assert.Len(t, history.Epochs, row.epochs)
			if row.epochs < len(row.losses) {
				assert.Equal(t, row.epochs, stop.StoppedEpoch)
			}
		})
	}
}

// Every score of package metric is better in its own direction, also one of several outputs.
func TestMonitorDirections(t *testing.T) {
	for name, larger := range map[string]bool{
		"val_loss": false, "loss": false, "val_mean_absolute_error": false, "root_mean_squared_error": false,
		"val_accuracy": true, "binary_accuracy": true, "main_top_k_categorical_accuracy": true, "val_auc": true, "precision": true, "val_main_recall": true,
		"val_f1_score": true, "r2_score": true,
	} {
		m := Monitor{Score: name}
		for _, value := range []float64{0.5, 0.6} {
			scores := Scores{strings.TrimPrefix(name, "val_"): value}
			improved, err := m.improves(Epoch{Scores: scores, Validation: scores})
			require.NoError(t, err)
			assert.Equal(t, value == 0.5 || larger, improved, name)
		}
	}
}

func TestEarlyStoppingRestores(t *testing.T) {
	m := compileSmall(t, backendtest.NewOracle())
	var best, last []float32
	record := EpochFunc(func(m *Model, e Epoch) (err error) {
		if last, err = m.Value("dense/kernel"); e.Number == 2 {
			best = last
		}
		return err
	})
	stop := &EarlyStopping{Patience: 1, RestoreBestWeights: true}
	_, err := m.Fit(context.Background(), blobs(30), Fit{Epochs: 9, Validation: blobs(9),
		Callbacks: []Callback{scripted(3, 1, 2, 2, 2, 2), record, stop}})
	require.NoError(t, err)
	now, err := m.Value("dense/kernel")
	require.NoError(t, err)
	assert.Equal(t, best, now)
	assert.NotEqual(t, last, now)
}

func TestCheckpoint(t *testing.T) {
	m := compileSmall(t, backendtest.NewOracle())
	var all, best []int
	save := func(list *[]int) func(*Model, Epoch) error {
		return func(_ *Model, e Epoch) error { *list = append(*list, e.Number); return nil }
	}
	_, err := m.Fit(context.Background(), blobs(30), Fit{Epochs: 4, Validation: blobs(9), Callbacks: []Callback{
		scripted(3, 4, 2, 2), &Checkpoint{Save: save(&all)}, &Checkpoint{BestOnly: true, Save: save(&best)}}})
	require.NoError(t, err)
	assert.Equal(t, []int{1, 2, 3, 4}, all)
	assert.Equal(t, []int{1, 3}, best)
}

// A rate beyond all measure makes the loss NaN: the training ends within the epoch, with the step named.
func TestTerminateOnNaN(t *testing.T) {
	for _, device := range real {
		t.Run(device.name, func(t *testing.T) {
			tr := smallTraining()
			tr.Optimizer = optim.SGD{LearningRate: 1e6, Momentum: 0.99}
			m, err := Compile(device.open(t), small(), tr)
			require.NoError(t, err)
			defer m.Close()
			set := blobs(300)
			for i := range set.Floats {
				set.Floats[i] *= 1e30
			}
			history, err := m.Fit(context.Background(), set, Fit{Epochs: 50, BatchSize: 4, Callbacks: []Callback{TerminateOnNaN{}}})
			require.Error(t, err)
			assert.Regexp(t, `the loss of step \d+ of epoch \d+ is (NaN|[+-]Inf)`, err.Error())
			assert.Less(t, len(history.Epochs), 50)
		})
	}
}

func TestCSVLogger(t *testing.T) {
	m, out := compileSmall(t, backendtest.NewOracle()), bytes.Buffer{}
	_, err := m.Fit(context.Background(), blobs(30), Fit{Epochs: 2, Validation: blobs(9), Callbacks: []Callback{&CSVLogger{W: &out}}})
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	require.Len(t, lines, 3)
	assert.Equal(t, "epoch,seconds,accuracy,loss,val_accuracy,val_loss", lines[0])
	assert.Regexp(t, `^2,\d+\.\d{3},[\d.e-]+,[\d.e-]+,[\d.e-]+,[\d.e-]+$`, lines[2])
}

// Every step is told of, once and in order, and so are the ends of epochs and of the run.
func TestFunctions(t *testing.T) {
	m := compileSmall(t, backendtest.NewOracle())
	steps, epochs, runs := 0, 0, 0
	history, err := m.Fit(context.Background(), blobs(101), Fit{Epochs: 2, BatchSize: 3, Callbacks: []Callback{
		StepFunc(func(_ *Model, s Steps) error {
			assert.Equal(t, steps, (s.Epoch-1)*34+s.First)
			steps += len(s.Losses)
			return nil
		}),
		EpochFunc(func(_ *Model, e Epoch) error { epochs = e.Number; return nil }),
		RunFunc(func(_ *Model, h *History) error { runs += len(h.Epochs); return nil }),
	}})
	require.NoError(t, err)
	assert.Equal(t, []int{68, 2, 2}, []int{steps, epochs, runs})
	assert.Len(t, history.Epochs, 2)
}

func TestCallbackErrors(t *testing.T) {
	m := compileSmall(t, backendtest.NewOracle())
	broken := errors.New("broken")
	fail := EpochFunc(func(*Model, Epoch) error { return broken })
	for name, row := range map[string]struct {
		callbacks []Callback
		text      string
	}{
		"an error":             {[]Callback{fail}, "epoch 1: engine.EpochFunc: broken"},
		"no callback":          {[]Callback{3}, "callback 0 is a int"},
		"nil":                  {[]Callback{nil}, "callback 0 is a <nil>"},
		"not a pointer":        {[]Callback{EarlyStopping{}}, "callback 0 is a engine.EarlyStopping"},
		"an unknown score":     {[]Callback{&EarlyStopping{Monitor: Monitor{Score: "val_f1"}}}, `no score "val_f1": it has accuracy, loss`},
		"a negative patience":  {[]Callback{&EarlyStopping{Patience: -1}}, "patience is -1"},
		"nowhere to write to":  {[]Callback{&CSVLogger{}}, "W is missing"},
		"nothing to save with": {[]Callback{&Checkpoint{}}, "want either Path or Save"},
	} {
		t.Run(name, func(t *testing.T) {
			fit := Fit{Epochs: 2, Callbacks: row.callbacks}
			_, err := m.Fit(context.Background(), blobs(30), fit)
			assert.ErrorContains(t, err, row.text)
			m.epochs = 0
		})
	}
}

func ExampleEarlyStopping() {
	model, err := Compile(backendtest.NewOracle(), small(), smallTraining())
	if err != nil {
		panic(err)
	}
	defer model.Close()
	history, err := model.Fit(context.Background(), blobs(300), Fit{Epochs: 100, Validation: blobs(90),
		Callbacks: []Callback{&EarlyStopping{Patience: 3, RestoreBestWeights: true}}})
	if err != nil {
		panic(err)
	}
	fmt.Println("stopped early:", len(history.Epochs) < 100)
	// Output: stopped early: true
}
