package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/cpu"
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/data"
	"github.com/gradus-ml/gradus/engine/loss"
	"github.com/gradus-ml/gradus/engine/nn"
	"github.com/gradus-ml/gradus/engine/optim"
)

// streamed returns the set in parts of so many, with so many resident.
func streamed(set *data.Set, part, buffer int) *data.Stream {
	s := set.Stream(part)
	s.Buffer = buffer
	return s
}

// outcomeOf trains on the source, and returns everything that is left, with scores and predictions of another source.
func outcomeOf(t *testing.T, dev backend.Backend, source, other data.Source, fit Fit) any {
	m := compileSmall(t, dev)
	fit.Validation = other
	history, err := m.Fit(context.Background(), source, fit)
	require.NoError(t, err)
	var seen []any
	for _, e := range history.Epochs {
		require.True(t, e.Complete)
		seen = append(seen, e.Scores, e.Validation, e.StepLosses, e.Steps)
	}
	scores, err := m.Evaluate(context.Background(), other)
	require.NoError(t, err)
	outputs, err := m.Predict(context.Background(), other)
	require.NoError(t, err)
	weights, err := m.weights()
	require.NoError(t, err)
	return append(seen, scores, outputs, weights)
}

// In order a stream gives the same bits as its set in memory, however it is cut into parts and chunks.
func TestStreamIsTheSet(t *testing.T) {
	for _, device := range real {
		t.Run(device.name, func(t *testing.T) {
			dev, fit := device.open(t), Fit{Epochs: 2, BatchSize: 8, InOrder: true}
			want := outcomeOf(t, dev, blobs(101), blobs(50), fit)
			for _, s := range [][2]int{{1, 8}, {7, 8}, {7, 20}, {8, 16}, {32, 96}, {101, 24}, {200, 104}, {13, 1000}} {
				t.Run(fmt.Sprintf("parts of %d, buffer of %d", s[0], s[1]), func(t *testing.T) {
					assert.Equal(t, want, outcomeOf(t, dev, streamed(blobs(101), s[0], s[1]), streamed(blobs(50), s[0], s[1]), fit))
				})
			}
			even := Fit{BatchSize: 8, InOrder: true, DropRemainder: true, MicroBatch: 4, ClassWeight: map[int]float32{1: 3}}
			assert.Equal(t, outcomeOf(t, dev, blobs(101), blobs(50), even), outcomeOf(t, dev, streamed(blobs(101), 9, 16), blobs(50), even))
		})
	}
}

// A schedule goes on from chunk to chunk, and from epoch to epoch, as it does over a set.
func TestStreamFollowsTheSchedule(t *testing.T) {
	run := func(source data.Source) []float64 {
		tr := smallTraining()
		tr.Optimizer = optim.Adam{Schedule: optim.CosineDecay{Initial: 0.1, Steps: 20}}
		m, err := Compile(backendtest.NewOracle(), small(), tr)
		require.NoError(t, err)
		defer m.Close()
		h, err := m.Fit(context.Background(), source, Fit{Epochs: 2, BatchSize: 8, InOrder: true})
		require.NoError(t, err)
		return append(h.Epochs[0].StepLosses, h.Epochs[1].StepLosses...)
	}
	assert.Equal(t, run(blobs(101)), run(streamed(blobs(101), 7, 16)))
}

// The line of an epoch tells its speed though its length was not known before.
func TestStreamProgress(t *testing.T) {
	var text bytes.Buffer
	stream := streamed(blobs(101), 7, 16)
	stream.Len = 0
	_, err := compileSmall(t, backendtest.NewOracle()).Fit(context.Background(), stream, Fit{BatchSize: 8, Progress: &text})
	require.NoError(t, err)
	assert.Regexp(t, `^Epoch 1/1 - [0-9.]+s - [1-9][0-9]* steps/s - loss: `, text.String())
}

// A stream that fits in its buffer is shuffled as its set is; a smaller buffer gives another order, the same each time.
func TestStreamShuffles(t *testing.T) {
	dev, fit := backendtest.NewOracle(), Fit{Epochs: 2, BatchSize: 8}
	want := outcomeOf(t, dev, blobs(101), blobs(50), fit)
	assert.Equal(t, want, outcomeOf(t, dev, streamed(blobs(101), 9, 104), blobs(50), fit))
	small := outcomeOf(t, dev, streamed(blobs(101), 9, 32), blobs(50), fit)
	assert.NotEqual(t, want, small)
	assert.Equal(t, small, outcomeOf(t, dev, streamed(blobs(101), 4, 32), blobs(50), fit))
	fit.InOrder = true
	assert.NotEqual(t, small, outcomeOf(t, dev, streamed(blobs(101), 9, 32), blobs(50), fit))
}

// Two inputs, two outputs, bytes and weights travel too.
func TestStreamOfManyParts(t *testing.T) {
	set := &data.Set{Shape: []int{3}, Weights: make([]float32, 37), TargetShape: []int{2}, Scale: 0.5,
		Inputs: []data.Features{{Shape: []int{2}}}, Outputs: []data.Answers{{}}}
	for i := range 37 {
		set.Weights[i] = float32(i % 4)
		set.Bytes = append(set.Bytes, byte(i), byte(2*i), byte(7*i))
		set.Inputs[0].Floats = append(set.Inputs[0].Floats, float32(i)/37, -float32(i)/9)
		set.Targets = append(set.Targets, float32(i)/10, 1)
		set.Outputs[0].Labels = append(set.Outputs[0].Labels, i%3)
	}
	run := func(source data.Source) *History {
		a, b := nn.Input(3), nn.Input(2)
		both := nn.Merge(nn.Concatenate(), a, b)
		net := nn.Functional([]*nn.Node{a, b}, both.To(nn.Dense(2)), both.To(nn.Dense(3, nn.Softmax)))
		m, err := Compile(backendtest.NewOracle(), net, Training{Optimizer: optim.SGD{LearningRate: 0.001},
			Outputs: []Output{{Loss: loss.MeanSquaredError{}}, {Loss: loss.SparseCategoricalCrossentropy{}}}})
		require.NoError(t, err)
		defer m.Close()
		h, err := m.Fit(context.Background(), source, Fit{Epochs: 2, BatchSize: 5, InOrder: true})
		require.NoError(t, err)
		for i := range h.Epochs {
			h.Epochs[i].Duration = 0
		}
		return h
	}
	assert.Equal(t, run(set), run(streamed(set, 4, 10)))
}

// While the device trains on a chunk, the next is made: the training of the first steps waits for it here.
func TestStreamOverlaps(t *testing.T) {
	asked := make(chan int, 1000)
	stream := blobs(96).Stream(8).Map(func(part *data.Set) (*data.Set, error) {
		asked <- part.Len()
		return part, nil
	})
	stream.Buffer = 8
	m, parts := compileSmall(t, backendtest.NewOracle()), -1 // the first is looked at before
	await := StepFunc(func(_ *Model, s Steps) error {
		for parts < min(s.First/1+2, 12) { // step number First is of chunk First; the one after it must be under way
			select {
			case <-asked:
				parts++
			case <-time.After(10 * time.Second):
				return fmt.Errorf("part %d is not asked for while step %d is not over", parts, s.First)
			}
		}
		return nil
	})
	_, err := m.Fit(context.Background(), stream, Fit{BatchSize: 8, Callbacks: []Callback{await}})
	require.NoError(t, err)
}

// virtual is n examples of 1,000 floats that are never in memory together; see is told of each part.
func virtual(n int, see func()) *data.Stream {
	part := &data.Set{Shape: []int{1000}, Floats: make([]float32, 100*1000), Labels: make([]int, 100)}
	return &data.Stream{Buffer: 1024, Len: n, Parts: func(context.Context, int) iter.Seq2[*data.Set, error] {
		return func(yield func(*data.Set, error) bool) {
			for i := 0; i < n; i += 100 {
				part.Floats[i%1000], part.Labels[i%100] = float32(i%7), i%2
				if see(); !yield(part, nil) {
					return
				}
			}
		}
	}}
}

// A set of 400 MB goes by in less than 64 MB: two chunks of 4 MB on the device and one on the host, the collector's slack, and the network.
func TestStreamMemoryIsBounded(t *testing.T) {
	dev, err := cpu.Open()
	require.NoError(t, err)
	defer dev.Close()
	m, err := Compile(dev, nn.Sequential(nn.Input(1000), nn.Dense(2, nn.Softmax)), smallTraining())
	require.NoError(t, err)
	defer m.Close()
	runtime.GC()
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)
	peak, parts := uint64(0), 0
	_, err = m.Fit(context.Background(), virtual(100_000, func() {
		if parts++; parts%20 == 0 {
			runtime.ReadMemStats(&now)
			peak = max(peak, now.HeapAlloc)
		}
	}), Fit{BatchSize: 256})
	require.NoError(t, err)
	assert.Equal(t, 1001, parts)
	assert.Less(t, int64(peak)-int64(before.HeapAlloc), int64(64<<20))
}

func TestStreamFaults(t *testing.T) {
	broken := errors.New("the disk is on fire")
	third := func(f func(*data.Set) (*data.Set, error)) *data.Stream {
		n := -2
		s := blobs(60).Stream(10).Map(func(part *data.Set) (*data.Set, error) {
			if n++; n == 2 {
				return f(part)
			}
			return part, nil
		})
		return s
	}
	change := func(f func(*data.Set)) *data.Stream {
		return third(func(part *data.Set) (*data.Set, error) {
			part, err := part.Select([]int{0, 1, 2})
			f(part)
			return part, err
		})
	}
	short := blobs(60).Stream(10)
	short.Len = 61
	for _, row := range []struct {
		name   string
		stream *data.Stream
		want   string
	}{
		{"nil", nil, "training set: no data set"},
		{"no parts", &data.Stream{}, "Parts is missing"},
		{"negative buffer", &data.Stream{Buffer: -1, Parts: short.Parts}, "Buffer is -1"},
		{"empty", &data.Stream{Parts: func(context.Context, int) iter.Seq2[*data.Set, error] { return func(func(*data.Set, error) bool) {} }}, "no examples"},
		{"an error", third(func(*data.Set) (*data.Set, error) { return nil, broken }), "part 2: the disk is on fire"},
		{"a nil part", third(func(*data.Set) (*data.Set, error) { return nil, nil }), "part 2: a nil set"},
		{"a panic", third(func(*data.Set) (*data.Set, error) { panic("oh no") }), "panic: oh no"},
		{"NaN", change(func(s *data.Set) { s.Floats[5] = float32(math.NaN()) }), "part 2: data: example 1, feature 1 is NaN"},
		{"another shape", change(func(s *data.Set) { s.Shape = []int{2}; s.Labels = append(s.Labels, 0, 0, 0) }), "examples are [2], want [4]"},
		{"too few labels", change(func(s *data.Set) { s.Labels = s.Labels[1:] }), "part 2: data: 2 labels for 3 examples"},
		{"a label too large", change(func(s *data.Set) { s.Labels[1] = 3 }), "is 3, want 0 to 2"},
		{"no labels", change(func(s *data.Set) { s.Labels = nil }), "answers of output 0"},
		{"weights", change(func(s *data.Set) { s.Weights = []float32{1, 1, 1} }), "weights in one part"},
		{"another length", short, "60 examples, want 61"},
	} {
		t.Run(row.name, func(t *testing.T) {
			m, before := compileSmall(t, backendtest.NewOracle()), runtime.NumGoroutine()
			_, err := m.Fit(context.Background(), row.stream, Fit{BatchSize: 8})
			assert.ErrorContains(t, err, row.want)
			assert.LessOrEqual(t, runtime.NumGoroutine(), before, "goroutines")
		})
	}
}

// A stream that never ends, and one that waits, end with the context; nothing is left behind.
func TestStreamEndsWithTheContext(t *testing.T) {
	endless := func(ctx context.Context, _ int) iter.Seq2[*data.Set, error] {
		return func(yield func(*data.Set, error) bool) {
			for yield(blobs(10), nil) {
			}
		}
	}
	waiting := func(ctx context.Context, _ int) iter.Seq2[*data.Set, error] {
		return func(yield func(*data.Set, error) bool) {
			if yield(blobs(10), nil) {
				<-ctx.Done()
				yield(nil, ctx.Err())
			}
		}
	}
	for name, parts := range map[string]func(context.Context, int) iter.Seq2[*data.Set, error]{"endless": endless, "waiting": waiting} {
		t.Run(name, func(t *testing.T) {
			m, before := compileSmall(t, backendtest.NewOracle()), runtime.NumGoroutine()
			ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
			defer cancel()
			_, err := m.Fit(ctx, &data.Stream{Parts: parts, Buffer: 16}, Fit{BatchSize: 8})
			assert.ErrorIs(t, err, context.DeadlineExceeded)
			for i := 0; i < 1000 && runtime.NumGoroutine() > before; i++ {
				time.Sleep(time.Millisecond)
			}
			assert.LessOrEqual(t, runtime.NumGoroutine(), before)
		})
	}
}

// The origin of what is not finite is found in a later chunk too.
func TestStreamTracesNaN(t *testing.T) {
	n := 0
	stream := blobs(96).Stream(8).Map(func(part *data.Set) (*data.Set, error) {
		if n++; n == 8 { // the first is looked at before
			part.Floats[0] = 3e38
		}
		return part, nil
	})
	stream.Buffer = 16
	_, err := compileSmall(t, backendtest.NewOracle()).Fit(context.Background(), stream, Fit{BatchSize: 8, InOrder: true, Callbacks: []Callback{TerminateOnNaN{}}})
	if err != nil {
		assert.ErrorContains(t, err, "of epoch 1 is")
	}
	m := compileSmall(t, backendtest.NewOracle())
	spoil := StepFunc(func(m *Model, s Steps) error {
		if s.First+len(s.Losses) >= 5 && s.First < 5 {
			return m.SetValue("dense/bias", []float32{float32(math.NaN()), 0, 0, 0, 0, 0, 0, 0})
		}
		return nil
	})
	_, err = m.Fit(context.Background(), streamed(blobs(96), 8, 16), Fit{BatchSize: 8, Callbacks: []Callback{spoil, TerminateOnNaN{}}})
	assert.ErrorContains(t, err, "dense/bias[0] was NaN before the step")
}

// A Fit over a stream that is cut off after any step goes on as if it had not been.
func TestStreamGoesOn(t *testing.T) {
	dev, source := backendtest.NewOracle(), streamed(blobs(60), 7, 16)
	run := func(m *Model, at int) (*eachStep, leftBehind) {
		cut := &eachStep{at: at}
		history, err := m.Fit(context.Background(), source, Fit{Epochs: 2, BatchSize: 8, Validation: streamed(blobs(20), 9, 0), Callbacks: []Callback{cut}})
		require.NoError(t, err)
		for i := range history.Epochs {
			history.Epochs[i].Duration = 0
		}
		state, err := m.State()
		require.NoError(t, err)
		return cut, leftBehind{history: history.Epochs, state: state}
	}
	open := func() *Model {
		m, err := Compile(dev, nn.Sequential(nn.Input(4), nn.Dense(8, nn.ReLU), nn.Dropout(0.3), nn.Dense(3, nn.Softmax)), Training{
			Loss: loss.SparseCategoricalCrossentropy{}, Optimizer: optim.Adam{Schedule: optim.CosineDecay{Initial: 0.05, Steps: 12}}, Seed: 3})
		require.NoError(t, err)
		t.Cleanup(func() { assert.NoError(t, m.Close()) })
		return m
	}
	whole, want := run(open(), 0)
	require.Equal(t, 18, whole.calls, "two epochs of eight steps and an end")
	for at := 1; at <= whole.calls; at++ {
		cut, _ := run(open(), at)
		m := open()
		require.NoError(t, m.SetState(cut.state))
		_, got := run(m, 0)
		assert.InDeltaSlice(t, want.history[0].StepLosses, got.history[0].StepLosses, 1e-6, "cut off after %d", at) // a State has fewer digits than the oracle
		assert.InDeltaSlice(t, want.history[1].StepLosses, got.history[1].StepLosses, 1e-6, "cut off after %d", at)
		assert.Equal(t, want.state.Steps, got.state.Steps)
	}
	cut, _ := run(open(), 3)
	m := open()
	require.NoError(t, m.SetState(cut.state))
	_, err := m.Fit(context.Background(), streamed(blobs(60), 7, 24), Fit{Epochs: 2, BatchSize: 8, Callbacks: []Callback{&eachStep{}}})
	assert.ErrorContains(t, err, "24 examples of the stream are resident at once, want 16")
}
