package engine

import (
	"bytes"
	"context"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/data"
	"github.com/gradus-ml/gradus/engine/loss"
	"github.com/gradus-ml/gradus/engine/metric"
	"github.com/gradus-ml/gradus/engine/nn"
	"github.com/gradus-ml/gradus/engine/ops"
	"github.com/gradus-ml/gradus/engine/optim"
	"github.com/gradus-ml/gradus/engine/random"
)

// small is a network of four inputs and three classes.
func small() *nn.Network {
	return nn.Sequential(nn.Input(4), nn.BatchNorm(), nn.Dense(8, nn.ELU, nn.HeNormal), nn.BatchNorm(), nn.Dense(3, nn.Softmax))
}

func smallTraining() Training {
	return Training{
		Loss:      loss.SparseCategoricalCrossentropy{},
		Optimizer: optim.SGD{LearningRate: 0.1, Momentum: 0.9},
		Metrics:   []metric.Metric{metric.Accuracy{}},
		Seed:      42,
	}
}

// blobs draws n examples of three classes around three points.
func blobs(n int) *data.Set {
	s, set := random.NewStream(9, 0), &data.Set{Shape: []int{4}}
	for i := range n {
		label := i % 3
		for f := range 4 {
			center := 0.0
			if f == label {
				center = 2.5
			}
			set.Floats = append(set.Floats, float32(center+s.Normal()))
		}
		set.Labels = append(set.Labels, label)
	}
	return set
}

func compileSmall(t testing.TB, dev backend.Backend) *Model {
	t.Helper()
	m, err := Compile(dev, small(), smallTraining())
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, m.Close()) })
	return m
}

// trained is everything that a run leaves behind, to the bit.
type trained struct {
	history []Scores
	losses  []float64
	values  map[string][]float32
}

func train(t testing.TB, dev backend.Backend, fit Fit) trained {
	t.Helper()
	m := compileSmall(t, dev)
	fit.Validation = blobs(50)
	history, err := m.Fit(context.Background(), blobs(101), fit)
	require.NoError(t, err)
	out := trained{values: map[string][]float32{}}
	for _, e := range history.Epochs {
		out.history = append(out.history, e.Scores, e.Validation)
		out.losses = append(out.losses, e.StepLosses...)
	}
	for _, v := range m.Variables() {
		out.values[v.Name], err = m.Value(v.Name)
		require.NoError(t, err)
	}
	return out
}

func TestLearns(t *testing.T) {
	for _, device := range devices {
		t.Run(device.name, func(t *testing.T) {
			m := compileSmall(t, device.open(t))
			history, err := m.Fit(context.Background(), blobs(300), Fit{Epochs: 6, Validation: blobs(90)})
			require.NoError(t, err)
			assert.Greater(t, history.Last().Validation["accuracy"], 0.85)
			assert.Less(t, history.Last().Scores["loss"], history.Epochs[0].Scores["loss"])
			assert.Len(t, history.Column("val_loss"), 6)
			assert.Len(t, history.Column("accuracy"), 6)
			assert.Empty(t, history.Column("precision"))
		})
	}
}

// The same seed gives the same bits, in the same process and on a device opened anew; another seed gives others.
func TestRunsRepeat(t *testing.T) {
	for _, device := range real {
		t.Run(device.name, func(t *testing.T) {
			dev := device.open(t)
			fit := Fit{Epochs: 3, BatchSize: 8}
			want := train(t, dev, fit)
			assert.Equal(t, want, train(t, dev, fit))
			assert.Equal(t, want, train(t, device.open(t), fit))
			fit.InOrder = true
			assert.NotEqual(t, want.losses, train(t, dev, fit).losses)
		})
	}
}

// The first steps agree between the backends as far as float32 goes, and they start from the same bits.
func TestBackendsAgree(t *testing.T) {
	tr := readTrajectory(t)
	var outcomes []outcome
	for _, device := range real {
		outcomes = append(outcomes, tr.run(t, device.open(t), 1))
	}
	both := tr.spreads(t)[1]
	for name := range both {
		both[name] *= 2 // each may be so far from the exact
	}
	both.holds(t, real[1], outcomes[1].named(), outcomes[0].named())
	var initial []map[string][]float32
	for _, device := range real {
		m, values := compileSmall(t, device.open(t)), map[string][]float32{}
		for _, v := range m.Variables() {
			var err error
			values[v.Name], err = m.Value(v.Name)
			require.NoError(t, err)
		}
		initial = append(initial, values)
	}
	assert.Equal(t, initial[0], initial[1])
}

// How the steps are cut into runs must not matter: one run of 13 steps or 13 runs of one.
func TestStretchesDoNotMatter(t *testing.T) {
	for _, device := range real {
		t.Run(device.name, func(t *testing.T) {
			dev := device.open(t)
			var losses [][]float64
			for _, cuts := range [][]int{{13}, {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, {2, 7, 4}} {
				tr := readTrajectory(t)
				trainer, err := tr.start(t, dev, 1).newTrainer(material{set: tr.set()}, material{}, Fit{Epochs: 1, BatchSize: 12, InOrder: true})
				require.NoError(t, err)
				require.NoError(t, trainer.lay())
				var all []float64
				for _, n := range cuts {
					rows, err := trainer.pass.stretch(len(all)/2, n)
					require.NoError(t, err)
					all = append(all, rows...)
				}
				losses = append(losses, all)
				trainer.release()
			}
			assert.Equal(t, losses[0], losses[1])
			assert.Equal(t, losses[0], losses[2])
		})
	}
}

// 101 examples in batches of 8 are 13 steps, the last of 5 examples, unless the rest is dropped.
func TestSmallLastBatch(t *testing.T) {
	m := compileSmall(t, backendtest.NewOracle())
	for _, row := range []struct {
		fit   Fit
		steps int
	}{
		{Fit{BatchSize: 8}, 13}, {Fit{BatchSize: 8, DropRemainder: true}, 12}, {Fit{BatchSize: 101}, 1}, {Fit{BatchSize: 100}, 2}, {Fit{}, 4}, {Fit{BatchSize: 1}, 101},
	} {
		history, err := m.Fit(context.Background(), blobs(101), row.fit)
		require.NoError(t, err)
		e := history.Last()
		assert.Equal(t, row.steps, e.Steps)
		assert.Len(t, e.StepLosses, row.steps)
		assert.True(t, e.Complete)
	}
}

// A set smaller than the default batch is one batch.
func TestSmallSet(t *testing.T) {
	m := compileSmall(t, backendtest.NewOracle())
	for _, n := range []int{1, 2, 31, 33} {
		history, err := m.Fit(context.Background(), blobs(n), Fit{})
		require.NoError(t, err)
		assert.Equal(t, 1+n/32, history.Last().Steps, "%d examples", n)
	}
}

// Every example is used once an epoch, in an order that differs between epochs.
func TestShuffle(t *testing.T) {
	m := compileSmall(t, backendtest.NewOracle())
	trainer, err := m.newTrainer(material{set: blobs(40)}, material{}, Fit{BatchSize: 8})
	require.NoError(t, err)
	first := trainer.shuffler()(40)
	m.epochs++
	second := trainer.shuffler()(40)
	assert.NotEqual(t, first, second)
	assert.ElementsMatch(t, trainer.pass.identity, first)
	assert.ElementsMatch(t, trainer.pass.identity, second)
}

// Evaluate must be what Predict's outputs say, whatever the batches.
func TestEvaluateAgreesWithPredict(t *testing.T) {
	for _, device := range real {
		t.Run(device.name, func(t *testing.T) {
			m := compileSmall(t, device.open(t))
			for _, n := range []int{1, scoringBatch, scoringBatch + 1, 2*scoringBatch + 37} {
				evaluateAndPredict(t, m, blobs(n))
			}
		})
	}
}

func evaluateAndPredict(t *testing.T, m *Model, set *data.Set) {
	scores, err := m.Evaluate(context.Background(), set)
	require.NoError(t, err)
	p, err := m.Predict(context.Background(), &data.Set{Shape: set.Shape, Floats: set.Floats})
	require.NoError(t, err)
	require.Len(t, p, set.Len())
	loss, right := 0.0, 0.0
	for i, row := range p {
		sum, best := 0.0, 0
		for c, v := range row {
			sum += float64(v)
			if v > row[best] {
				best = c
			}
		}
		assert.InDelta(t, 1, sum, 1e-5)
		loss -= math.Log(float64(row[set.Labels[i]]))
		if best == set.Labels[i] {
			right++
		}
	}
	n := float64(set.Len())
	assert.InDelta(t, loss/n, scores["loss"], 1e-5)
	assert.InDelta(t, right/n, scores["accuracy"], 1e-9)
}

// cancelling is a writer that ends a context when something is written.
type cancelling struct{ cancel context.CancelFunc }

func (c cancelling) Write(p []byte) (int, error) {
	c.cancel()
	return len(p), nil
}

func TestCancel(t *testing.T) {
	m := compileSmall(t, backendtest.NewOracle())
	ctx, cancel := context.WithCancel(context.Background())
	history, err := m.Fit(ctx, blobs(40), Fit{Epochs: 10, Progress: cancelling{cancel}})
	assert.ErrorIs(t, err, context.Canceled)
	require.NotNil(t, history)
	assert.Len(t, history.Epochs, 1, "the history so far")
	history, err = m.Fit(ctx, blobs(40), Fit{})
	assert.ErrorIs(t, err, context.Canceled)
	assert.Empty(t, history.Epochs)
	_, err = m.Evaluate(ctx, blobs(40))
	assert.ErrorIs(t, err, context.Canceled)
	_, err = m.Predict(ctx, blobs(40))
	assert.ErrorIs(t, err, context.Canceled)
	_, err = m.Fit(context.Background(), blobs(40), Fit{})
	assert.NoError(t, err, "the model is still usable")
}

func TestProgressLines(t *testing.T) {
	m, out := compileSmall(t, backendtest.NewOracle()), bytes.Buffer{}
	_, err := m.Fit(context.Background(), blobs(40), Fit{Epochs: 2, Validation: blobs(9), Progress: &out})
	require.NoError(t, err)
	assert.Regexp(t, `^Epoch 1/2 - \d+\.\ds - \d+ steps/s - 0s left - loss: \d\.\d{4} - accuracy: \d\.\d{4} - val_loss: \d\.\d{4} - val_accuracy: \d\.\d{4} - learning_rate: 0\.\d+
Epoch 2/2 - \d+\.\ds - \d+ steps/s - loss: .*\n$`, out.String())
}

func TestStepCost(t *testing.T) {
	m := compileSmall(t, backendtest.NewOracle())
	cost, err := m.StepCost(32)
	require.NoError(t, err)
	products := int64(2 * 32 * (4*8*3 + 8*3*3))
	assert.Greater(t, cost.FLOPs, products)
	assert.Less(t, cost.FLOPs, 5*products)
	_, err = m.StepCost(0)
	assert.ErrorContains(t, err, "batch size is 0")
}

// Bytes are fed as b/255, or times the scale that the set names: the same as floats that hold the products.
func TestBytesAreScaled(t *testing.T) {
	for _, device := range real {
		t.Run(device.name, func(t *testing.T) {
			m := compileSmall(t, device.open(t))
			raw := []byte{0, 1, 127, 255, 3, 200, 13, 77}
			for _, scale := range []float32{0, 0.5} {
				factor := scale
				if scale == 0 {
					factor = float32(1.0 / 255)
				}
				var floats []float32
				for _, v := range raw {
					floats = append(floats, float32(v)*factor)
				}
				got, err := m.Predict(context.Background(), &data.Set{Shape: []int{4}, Bytes: raw, Scale: scale})
				require.NoError(t, err)
				want, err := m.Predict(context.Background(), &data.Set{Shape: []int{4}, Floats: floats})
				require.NoError(t, err)
				assert.Equal(t, want, got, "scale %v", scale)
			}
		})
	}
}

// falling is an optimizer whose rate falls with every step of the whole training.
type falling struct{ optim.SGD }

func (falling) Rates(step int, _ float64) []float32 { return []float32{1 / float32(1+step), 0, 0} }

func TestRatesGoOnOverEpochs(t *testing.T) {
	tr := smallTraining()
	tr.Optimizer = falling{}
	m, err := Compile(backendtest.NewOracle(), small(), tr)
	require.NoError(t, err)
	trainer, err := m.newTrainer(material{set: blobs(40)}, material{}, Fit{Epochs: 2, BatchSize: 16})
	require.NoError(t, err)
	_, err = trainer.epoch(context.Background())
	require.NoError(t, err)
	require.NoError(t, trainer.writeRates(trainer.pass.steps))
	rates := make([]float32, 3*ops.SGDColumns)
	require.NoError(t, backend.Download(m.dev, rates, trainer.rates.Table))
	assert.Equal(t, []float32{1.0 / 4, 0, 0, 1.0 / 5, 0, 0, 1.0 / 6, 0, 0}, rates)
}
