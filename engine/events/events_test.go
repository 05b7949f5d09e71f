package events_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/cpu"
	"github.com/gradus-ml/gradus/engine"
	"github.com/gradus-ml/gradus/engine/data"
	"github.com/gradus-ml/gradus/engine/events"
	"github.com/gradus-ml/gradus/engine/loss"
	"github.com/gradus-ml/gradus/engine/metric"
	"github.com/gradus-ml/gradus/engine/nn"
	"github.com/gradus-ml/gradus/engine/optim"
	"github.com/gradus-ml/gradus/engine/random"
)

// The test vector of RFC 3720, appendix B.4 (32 bytes of zero), and how every event file of TensorFlow begins: its first record has 24 bytes.
func TestReader(t *testing.T) {
	assert.EqualValues(t, 0x8a9136aa, crc32c(make([]byte, 32)))
	w, err := events.Create(t.TempDir())
	require.NoError(t, err)
	require.NoError(t, w.Close())
	raw, err := os.ReadFile(w.Name())
	require.NoError(t, err)
	assert.Equal(t, []byte{24, 0, 0, 0, 0, 0, 0, 0, 0xa3, 0x7f, 0x4b, 0x22, 0x09}, raw[:13])
	assert.EqualValues(t, 24+16, len(raw))
}

func TestWriter(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	w, err := events.Create(dir)
	require.NoError(t, err)
	before := float64(time.Now().Add(-time.Minute).Unix())
	require.NoError(t, w.Scalar("loss", 0, 0.5))
	require.NoError(t, w.Scalar("loss", 1<<40, math.NaN()))
	require.NoError(t, w.Histogram("empty", 1, []float32{float32(math.NaN()), float32(math.Inf(-1))}))
	require.NoError(t, w.Flush())
	assert.Len(t, read(t, w.Name()), 3, "what is flushed can be read")
	require.NoError(t, w.Close())
	list := read(t, w.Name())
	assert.Contains(t, filepath.Base(w.Name()), "tfevents")
	assert.Equal(t, "brain.Event:2", list[0].version)
	assert.Equal(t, "loss", list[1].tag)
	assert.Equal(t, 0.5, list[1].value)
	assert.Equal(t, 1<<40, list[2].step)
	assert.True(t, math.IsNaN(list[2].value))
	for i := range list {
		assert.Greater(t, list[i].time, before)
	}
	other, err := events.Create(dir)
	require.NoError(t, err)
	require.NoError(t, other.Close())
	assert.NotEqual(t, w.Name(), other.Name())
	assert.Error(t, other.Close())
	_, err = events.Create(w.Name())
	assert.ErrorContains(t, err, "events: ")
}

func TestHistogram(t *testing.T) {
	s := random.NewStream(1, 0)
	normal := []float32{float32(math.NaN()), float32(math.Inf(1))}
	for range 10000 {
		normal = append(normal, float32(s.Normal()))
	}
	for name, row := range map[string]struct {
		values  []float32
		num     float64
		low, up float64
	}{
		"normal":    {normal, 10000, -4.5, 4.5},
		"all alike": {[]float32{2, 2, 2}, 3, 1.5, 2.5},
		"one":       {[]float32{-1e-30}, 1, -0.5, 0.5},
		"two":       {[]float32{0, 3e38}, 2, 0, 3e38},
	} {
		t.Run(name, func(t *testing.T) {
			w, err := events.Create(t.TempDir())
			require.NoError(t, err)
			require.NoError(t, w.Histogram("x", 7, row.values))
			require.NoError(t, w.Close())
			e := read(t, w.Name())[1]
			require.NotNil(t, e.histo)
			assert.Equal(t, "x", e.tag)
			assert.Equal(t, 7, e.step)
			limits, counts := e.histo.doubles(6), e.histo.doubles(7)
			require.Len(t, limits, 31)
			require.Len(t, counts, 31)
			assert.Equal(t, row.num, e.histo.double(3))
			assert.Zero(t, counts[0], "the first bucket has no left limit")
			var least, most, sum, squares, n float64 = math.Inf(1), math.Inf(-1), 0, 0, 0
			in := make([]float64, 31)
			for _, value := range row.values {
				v := float64(value)
				if v-v != 0 {
					continue
				}
				least, most, sum, squares, n = math.Min(least, v), math.Max(most, v), sum+v, squares+v*v, n+1
				for i := 1; i < 31; i++ { // the last that begins at or before it
					if v >= limits[i-1] && (v < limits[i] || i == 30) {
						in[i]++
					}
				}
			}
			assert.Equal(t, []float64{least, most, sum, squares}, []float64{e.histo.double(1), e.histo.double(2), e.histo.double(4), e.histo.double(5)})
			for i := range in {
				assert.InDelta(t, in[i], counts[i], 1, "bucket %d", i) // a number at a limit may be on either side
			}
			assert.GreaterOrEqual(t, limits[0], row.low)
			assert.InDelta(t, 1, limits[30]/math.Max(row.up, limits[30]), 0.2)
		})
	}
}

// blobs are classes around centres of their own.
func blobs(n int) *data.Set {
	s, set := random.NewStream(9, 0), &data.Set{Shape: []int{4}}
	for i := range n {
		set.Labels = append(set.Labels, i%3)
		for f := range 4 {
			set.Floats = append(set.Floats, float32(s.Normal())/2+float32((i+f)%3))
		}
	}
	return set
}

func compile(t testing.TB) *engine.Model {
	dev, err := cpu.Open()
	require.NoError(t, err)
	net := nn.Sequential(nn.Input(4), nn.Dense(8, nn.ELU), nn.BatchNorm(), nn.Dense(3, nn.Softmax, nn.Name("the output")))
	m, err := engine.Compile(dev, net, engine.Training{Loss: loss.SparseCategoricalCrossentropy{}, Optimizer: optim.SGD{LearningRate: 0.125},
		Metrics: []metric.Metric{metric.Accuracy{}}, Seed: 3})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, m.Close()); assert.NoError(t, dev.Close()) })
	return m
}

// only returns the events of the only file in a folder.
func only(t *testing.T, dir string) []event {
	files, err := filepath.Glob(filepath.Join(dir, "*tfevents*"))
	require.NoError(t, err)
	require.Len(t, files, 1)
	return read(t, files[0])
}

// values are those of a tag by step.
func values(list []event, tag string) map[int]float64 {
	found := map[int]float64{}
	for _, e := range list {
		if e.tag == tag && e.histo == nil {
			found[e.step] = e.value
		}
	}
	return found
}

// The files hold what the history does, under Keras's tags, the losses of the steps that were asked for, histograms and the graph.
func TestTensorBoard(t *testing.T) {
	m, dir := compile(t), t.TempDir()
	h, err := m.Fit(context.Background(), blobs(50), engine.Fit{Epochs: 4, BatchSize: 10, Validation: blobs(9),
		Callbacks: []engine.Callback{&events.TensorBoard{LogDir: dir, HistogramFreq: 2, UpdateFreq: 3}}})
	require.NoError(t, err)
	train, validation := only(t, filepath.Join(dir, "train")), only(t, filepath.Join(dir, "validation"))
	for _, e := range h.Epochs {
		for name, v := range e.Scores {
			assert.EqualValues(t, float32(v), values(train, "epoch_"+name)[e.Number], name)
		}
		for name, v := range e.Validation {
			assert.EqualValues(t, float32(v), values(validation, "epoch_"+name)[e.Number], name)
		}
		assert.Equal(t, 0.125, values(train, "epoch_learning_rate")[e.Number])
		assert.InEpsilon(t, e.StepsPerSecond(), values(train, "epoch_steps_per_second")[e.Number], 1e-6)
	}
	losses := map[int]float64{}
	for i, e := range h.Epochs {
		for j, v := range e.StepLosses {
			if number := 5*i + j + 1; number%3 == 0 {
				losses[number] = float64(float32(v))
			}
		}
	}
	assert.Len(t, losses, 6)
	assert.Equal(t, losses, values(train, "batch_loss"))
	assert.Len(t, values(train, "batch_learning_rate"), 6)
	histograms := map[string][]int{}
	for _, e := range train {
		if e.histo != nil {
			histograms[e.tag] = append(histograms[e.tag], e.step)
		}
	}
	assert.Len(t, histograms, 2+2+4+2+2+2, "variables, and the gradients of the trainable ones")
	for tag, steps := range histograms {
		assert.Equal(t, []int{2, 4}, steps, tag)
	}
	last := train[len(train)-1]
	assert.Equal(t, "the output/bias/gradient", last.tag)
	assert.Equal(t, 3.0, last.histo.double(3))
	assert.NotZero(t, last.histo.double(5))
}

// node is a node of a graph, as read.
func nodes(t *testing.T, raw []byte) []string {
	var list []string
	for _, data := range parse(t, raw)[1] {
		n := parse(t, data)
		text := n.text(1) + ": " + n.text(2)
		for _, input := range n[3] {
			text += " " + string(input)
		}
		shape := parse(t, parse(t, parse(t, parse(t, n[5][0])[2][0])[1][0])[7][0])
		for _, dim := range shape[2] {
			text += fmt.Sprint(" ", parse(t, dim).integer(1))
		}
		list = append(list, text)
	}
	return list
}

func TestGraph(t *testing.T) {
	w, err := events.Create(t.TempDir())
	require.NoError(t, err)
	a, b, shared := nn.Input(4), nn.Input(4), nn.Dense(2, nn.Name("my dense"))
	require.NoError(t, w.Graph(nn.Functional([]*nn.Node{a, b}, nn.Merge(nn.Add(), a.To(shared), b.To(shared)))))
	require.NoError(t, w.Close())
	assert.Equal(t, []string{"input_layer: InputLayer -1 4", "input_layer_1: InputLayer -1 4", "my_dense/kernel: Variable 4 2", "my_dense/bias: Variable 2",
		"my_dense: Dense input_layer my_dense/kernel my_dense/bias -1 2", "my_dense_1: Dense input_layer_1 my_dense/kernel my_dense/bias -1 2",
		"add: Add my_dense my_dense_1 -1 2"}, nodes(t, read(t, w.Name())[1].graph))
}

func TestRefused(t *testing.T) {
	m := compile(t)
	fit := func(c *events.TensorBoard) error {
		_, err := m.Fit(context.Background(), blobs(9), engine.Fit{Callbacks: []engine.Callback{c}})
		return err
	}
	assert.ErrorContains(t, fit(&events.TensorBoard{LogDir: t.TempDir(), UpdateFreq: -1}), "update freq -1, want at least 0")
	file := filepath.Join(t.TempDir(), "x")
	require.NoError(t, os.WriteFile(file, nil, 0o644))
	assert.ErrorContains(t, fit(&events.TensorBoard{LogDir: file}), file)
	again := &events.TensorBoard{LogDir: t.TempDir(), NoGraph: true}
	require.NoError(t, fit(again))
	require.NoError(t, fit(again), "a second Fit begins new files")
	files, err := filepath.Glob(filepath.Join(again.LogDir, "train", "*"))
	require.NoError(t, err)
	assert.Len(t, files, 2)
	for _, f := range files {
		for _, e := range read(t, f) {
			assert.Nil(t, e.graph)
		}
	}
	assert.NoDirExists(t, filepath.Join(again.LogDir, "validation"))
}

// What is changed in a file is seen by its checksums.
func TestChecksums(t *testing.T) {
	w, err := events.Create(t.TempDir())
	require.NoError(t, err)
	require.NoError(t, w.Scalar("loss", 1, 0.5))
	require.NoError(t, w.Close())
	raw, err := os.ReadFile(w.Name())
	require.NoError(t, err)
	at := 40 + 12 // the second record's data
	good := unmasked(binary.LittleEndian.Uint32(raw[len(raw)-4:]))
	assert.Equal(t, good, crc32c(raw[at:len(raw)-4]))
	raw[at+3] ^= 1
	assert.NotEqual(t, good, crc32c(raw[at:len(raw)-4]))
}

func ExampleTensorBoard() {
	dev, err := cpu.Open()
	check(err)
	defer dev.Close()
	model, err := engine.Compile(dev, nn.Sequential(nn.Input(4), nn.Dense(3, nn.Softmax)),
		engine.Training{Loss: loss.SparseCategoricalCrossentropy{}, Optimizer: optim.SGD{LearningRate: 0.1}})
	check(err)
	defer model.Close()
	dir, err := os.MkdirTemp("", "logs")
	check(err)
	defer os.RemoveAll(dir)
	_, err = model.Fit(context.Background(), blobs(90), engine.Fit{Epochs: 3, Validation: blobs(9),
		Callbacks: []engine.Callback{&events.TensorBoard{LogDir: dir, HistogramFreq: 1}}})
	check(err)
	files, err := filepath.Glob(filepath.Join(dir, "*", "events.out.tfevents.*"))
	check(err)
	fmt.Println(len(files), "files; now tensorboard --logdir", "logs")
	// Output: 2 files; now tensorboard --logdir logs
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
