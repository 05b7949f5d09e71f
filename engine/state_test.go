package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/loss"
	"github.com/gradus-ml/gradus/engine/metric"
	"github.com/gradus-ml/gradus/engine/nn"
	"github.com/gradus-ml/gradus/engine/optim"
)

// eventful has all that a run hands on: moving averages, random masks and slopes, three slots and an average of the weights, a momentum that cycles.
func eventful(t testing.TB, dev backend.Backend) *Model {
	t.Helper()
	net := nn.Sequential(nn.Input(4), nn.BatchNorm(), nn.Dense(16, nn.RReLU, nn.HeNormal, nn.MaxNorm(2)), nn.Dropout(0.3), nn.Dense(3, nn.Softmax))
	m, err := Compile(dev, net, Training{
		Loss: loss.SparseCategoricalCrossentropy{},
		Optimizer: optim.EMA{Optimizer: optim.Adam{AMSGrad: true, Schedule: optim.CosineDecay{Initial: 0.05, Steps: 12, Restarts: true},
			Beta1Schedule: optim.OneCycleMomentum{Steps: 30}}},
		Metrics: []metric.Metric{metric.Accuracy{}, metric.F1{}},
		Seed:    7,
	})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, m.Close()) })
	return m
}

// nudge raises the rate after each step, to take effect with the next stretch of steps: of one each, lest the result depends on the machine's speed.
type nudge struct{}

func (nudge) RunBegin(m *Model, _ Fit) error { oneByOne(m); return nil }

func (nudge) StepsEnd(m *Model, _ Steps) error { return m.SetLearningRate(m.LearningRate() * 1.01) }

// eventfulFit has callbacks that hand something on, and changes the rate within epochs.
func eventfulFit(log *bytes.Buffer, others ...Callback) Fit {
	return Fit{Epochs: 5, BatchSize: 8, MicroBatch: 4, Validation: blobs(20), Callbacks: append([]Callback{
		LearningRateScheduler(func(_ int, rate float64) float64 { return rate * 0.9 }),
		nudge{},
		&ReduceLROnPlateau{Patience: 1, Cooldown: 2, Factor: 0.5, Monitor: Monitor{MinDelta: 0.2}},
		&EarlyStopping{Patience: 3, RestoreBestWeights: true, Monitor: Monitor{MinDelta: 0.3}},
		&CSVLogger{W: log},
		SwapEMAWeights{},
	}, others...)}
}

// oneByOne makes a Fit take one step at a time, so that a callback sees each.
func oneByOne(m *Model) { m.trainer.pass.most = 1 }

type eachStep struct {
	at    int // the State is taken after so many calls
	calls int
	state *State
}

func (c *eachStep) RunBegin(m *Model, _ Fit) error {
	oneByOne(m)
	return nil
}

func (c *eachStep) keep(m *Model, _ int) (err error) {
	if c.calls++; c.calls == c.at {
		if c.state, err = m.State(); err == nil {
			err = Stop
		}
	}
	return err
}

func (c *eachStep) stop(*Model, error) error { return nil }

// leftBehind is all that a run leaves behind.
type leftBehind struct {
	history []Epoch
	state   *State
	log     []string
}

func finish(t *testing.T, m *Model, log *bytes.Buffer, fit Fit) leftBehind {
	t.Helper()
	history, err := m.Fit(context.Background(), blobs(30), fit)
	require.NoError(t, err)
	out := leftBehind{history: history.Epochs}
	for i := range out.history {
		out.history[i].Duration = 0
	}
	out.state, err = m.State()
	require.NoError(t, err)
	for _, line := range bytes.Split(log.Bytes(), []byte("\n")) {
		fields := bytes.Split(line, []byte(","))
		if len(fields) > 2 {
			fields = append(fields[:1:1], fields[2:]...) // less the seconds
		}
		out.log = append(out.log, string(bytes.Join(fields, []byte(","))))
	}
	return out
}

// A Fit that is cut off after any step or epoch, and gone on with by another model, ends as one that was not: the same bits of values, optimizer,
// history and log. (The oracle hands on more digits than a State has.)
func TestGoOnAnywhere(t *testing.T) {
	for _, device := range real {
		t.Run(device.name, func(t *testing.T) {
			dev, log := device.open(t), &bytes.Buffer{}
			whole := &eachStep{}
			want := finish(t, eventful(t, dev), log, eventfulFit(log, whole))
			require.Greater(t, whole.calls, 20)
			stride := 1
			if device.name == "gpu" {
				stride = 7
			}
			for at := 1; at <= whole.calls; at += stride {
				var log bytes.Buffer
				cut := &eachStep{at: at}
				_, err := eventful(t, dev).Fit(context.Background(), blobs(30), eventfulFit(&log, cut))
				require.NoError(t, err)
				m := eventful(t, dev)
				require.NoError(t, m.SetState(cut.state))
				require.Equal(t, want, finish(t, m, &log, eventfulFit(&log, &eachStep{})), "cut off after %d", at)
			}
		})
	}
}

// Without its Run, a State begins a new Fit, of the next epoch.
func TestStateWithoutRun(t *testing.T) {
	dev, cut, log := backendtest.NewOracle(), &eachStep{at: 2}, &bytes.Buffer{}
	_, err := eventful(t, dev).Fit(context.Background(), blobs(30), eventfulFit(log, cut))
	require.NoError(t, err)
	cut.state.Run = nil
	m := eventful(t, dev)
	require.NoError(t, m.SetState(cut.state))
	history, err := m.Fit(context.Background(), blobs(17), Fit{BatchSize: 5, Epochs: 2})
	require.NoError(t, err)
	assert.Equal(t, []int{1, 2}, []int{history.Epochs[0].Number, history.Epochs[1].Number})
	assert.Equal(t, 2+8, m.steps)
}

// A context that ends in mid-epoch leaves the model as before: the next Fit begins the epoch anew.
func TestContextEndsInMidEpoch(t *testing.T) {
	m := eventful(t, backendtest.NewOracle())
	ctx, cancel := context.WithCancel(context.Background())
	cancelling := StepFunc(func(*Model, Steps) error { cancel(); return nil })
	_, err := m.Fit(ctx, blobs(30), Fit{BatchSize: 8, Callbacks: []Callback{cancelling}})
	require.ErrorIs(t, err, context.Canceled)
	s, err := m.State()
	require.NoError(t, err)
	assert.Nil(t, s.Run)
	history, err := m.Fit(context.Background(), blobs(30), Fit{BatchSize: 8})
	require.NoError(t, err)
	assert.Equal(t, 1, history.Last().Number)
	assert.Equal(t, 4, history.Last().Steps)
}

func TestStatesRefused(t *testing.T) {
	dev := backendtest.NewOracle()
	state := func() *State {
		cut, log := &eachStep{at: 7}, &bytes.Buffer{}
		_, err := eventful(t, dev).Fit(context.Background(), blobs(30), eventfulFit(log, cut))
		require.NoError(t, err)
		return cut.state
	}
	m := eventful(t, dev)
	before, err := m.State()
	require.NoError(t, err)
	for text, spoil := range map[string]func(s *State){
		"the seed is 8, want 7":                                   func(s *State) { s.Seed = 8 },
		`the optimizer is "SGD", want "Adam", the model's`:        func(s *State) { s.Optimizer = "SGD" },
		"the optimizer keeps 3 values for each parameter, want 4": func(s *State) { s.Slots = s.Slots[:3] },
		"-1 steps and 1 epochs, want 0 to 2147483647":             func(s *State) { s.Steps = -1 },
		"the factor of the learning rate is NaN":                  func(s *State) { s.Factor = math.NaN() },
		`the values lack "dense/kernel"`:                          func(s *State) { delete(s.Values, "dense/kernel") },
		`the values of "dense/bias" are 1, want 16`:               func(s *State) { s.Values["dense/bias"] = []float32{1} },
		`the values have "dense_9/bias", which`:                   func(s *State) { s.Values["dense_9/bias"] = nil },
		`the optimizer's values 2 lack "dense/bias"`:              func(s *State) { delete(s.Slots[2], "dense/bias") },
		"9 steps of the epoch are made, want 0 to 6":              func(s *State) { s.Run.Position.Steps = 9 },
		"1 losses of the epoch's steps, want 2":                   func(s *State) { s.Run.Position.Losses = []float64{1} },
		"the epoch's factor of the learning rate is +Inf":         func(s *State) { s.Run.Position.Factor = math.Inf(1) },
		"a history of 3 epochs, want at most 1":                   func(s *State) { s.Run.History = make([]Epoch, 3) },
	} {
		t.Run(text, func(t *testing.T) {
			s := state()
			spoil(s)
			assert.ErrorContains(t, m.SetState(s), text)
			after, err := m.State()
			require.NoError(t, err)
			assert.Equal(t, before, after, "nothing is half set")
		})
	}
	assert.ErrorContains(t, m.SetState(nil), "no state")
	for text, change := range map[string]func(fit *Fit){
		"batch size is 6 and micro-batch 0, want 8 and 4 as before":                               func(f *Fit) { f.BatchSize, f.MicroBatch = 6, 0 },
		"DropRemainder is true and InOrder false":                                                 func(f *Fit) { f.DropRemainder = true },
		"callback with a state number 2 is none, want *engine.CSVLogger as before":                func(f *Fit) { f.Callbacks = f.Callbacks[:4] },
		"callback with a state number 0 is *engine.EarlyStopping, want *engine.ReduceLROnPlateau": func(f *Fit) { f.Callbacks = f.Callbacks[3:] },
	} {
		t.Run(text, func(t *testing.T) {
			require.NoError(t, m.SetState(state()))
			fit := eventfulFit(&bytes.Buffer{})
			change(&fit)
			_, err := m.Fit(context.Background(), blobs(30), fit)
			assert.ErrorContains(t, err, text)
		})
	}
	require.NoError(t, m.SetState(state()))
	_, err = m.Fit(context.Background(), blobs(31), eventfulFit(&bytes.Buffer{}))
	assert.ErrorContains(t, err, "the set has 31 examples, want 30 as before")
}

func TestNumbersInJSON(t *testing.T) {
	for _, v := range []float64{0, 1.0 / 3, -1e-300, math.MaxFloat64, math.Inf(1), math.Inf(-1), math.NaN(), math.Copysign(0, -1)} {
		text, err := json.Marshal(number(v))
		require.NoError(t, err)
		var got number
		require.NoError(t, json.Unmarshal(text, &got))
		assert.Equal(t, math.Float64bits(v), math.Float64bits(float64(got)), "%s", text)
	}
	var n number
	assert.Error(t, json.Unmarshal([]byte(`"1"`), &n))
}

// A State taken on one device continues on another: here the GPU's on the CPU and back.
func TestStateOnAnotherDevice(t *testing.T) {
	first, second := eventful(t, devices[1].open(t)), eventful(t, devices[0].open(t))
	_, err := first.Fit(context.Background(), blobs(30), Fit{BatchSize: 8})
	require.NoError(t, err)
	s, err := first.State()
	require.NoError(t, err)
	require.NoError(t, second.SetState(s))
	again, err := second.State()
	require.NoError(t, err)
	assert.Equal(t, s, again)
}

// ExampleModel_State keeps what a training is at in memory, and goes on from there.
func ExampleModel_State() {
	model, err := Compile(backendtest.NewOracle(), small(), smallTraining())
	if err != nil {
		panic(err)
	}
	defer model.Close()
	state, err := model.State()
	if err != nil {
		panic(err)
	}
	for range 2 { // the same training twice
		if err := model.SetState(state); err != nil {
			panic(err)
		}
		history, err := model.Fit(context.Background(), blobs(90), Fit{Epochs: 3})
		if err != nil {
			panic(err)
		}
		fmt.Printf("%.4f\n", history.Last().Scores["loss"])
	}
	// Output:
	// 0.2588
	// 0.2588
}
