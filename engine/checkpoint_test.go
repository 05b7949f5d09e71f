package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/safetensors"
)

// What is read from a checkpoint is what was written: everything, in mid-epoch.
func TestCheckpointHoldsTheState(t *testing.T) {
	dev, path := devices[1].open(t), filepath.Join(t.TempDir(), "c.safetensors")
	for _, at := range []int{1, 6, 9, 21} {
		cut := &eachStep{at: at}
		saving := &saver{path: path}
		_, err := eventful(t, dev).Fit(context.Background(), blobs(30), eventfulFit(&bytes.Buffer{}, saving, cut))
		require.NoError(t, err)
		got, err := ReadCheckpoint(path)
		require.NoError(t, err)
		require.NotEmpty(t, got.Run.Callbacks)
		assert.Equal(t, cut.state, got)
	}
}

// saver writes a checkpoint whenever one could be kept.
type saver struct{ path string }

func (c *saver) RunBegin(*Model, Fit) error { return nil }
func (c *saver) keep(m *Model, _ int) error { return m.SaveCheckpoint(c.path) }
func (c *saver) stop(*Model, error) error   { return nil }

// A model that is between two Fits is kept and brought back, too.
func TestCheckpointBetweenFits(t *testing.T) {
	dev, path := devices[1].open(t), filepath.Join(t.TempDir(), "c.safetensors")
	m := eventful(t, dev)
	_, err := m.Fit(context.Background(), blobs(30), Fit{BatchSize: 8})
	require.NoError(t, err)
	require.NoError(t, m.SaveCheckpoint(path))
	want := finish(t, m, &bytes.Buffer{}, Fit{BatchSize: 7, Epochs: 2})
	other := eventful(t, dev)
	require.NoError(t, other.LoadCheckpoint(path))
	assert.Equal(t, want, finish(t, other, &bytes.Buffer{}, Fit{BatchSize: 7, Epochs: 2}))
}

// A checkpoint that lacks its end or has a bit that flipped is refused, and the model is as it was. (TestDamagedFiles of safetensors tries every bit.)
func TestDamagedCheckpoints(t *testing.T) {
	m, path := compileSmall(t, backendtest.NewOracle()), filepath.Join(t.TempDir(), "c.safetensors")
	_, err := m.Fit(context.Background(), blobs(30), Fit{Callbacks: []Callback{&EarlyStopping{Monitor: Monitor{Score: "loss"}}, &saver{path}}})
	require.NoError(t, err)
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	before, err := m.State()
	require.NoError(t, err)
	refused := func(b []byte, format string, args ...any) {
		require.NoError(t, os.WriteFile(path, b, 0o600))
		err := m.LoadCheckpoint(path)
		require.ErrorContains(t, err, "c.safetensors", format, args)
	}
	for n := 0; n < len(b); n += 23 {
		refused(b[:n], "cut off after %d of %d bytes", n, len(b))
	}
	for i := 0; i < len(b); i += 5 {
		b[i] ^= 1 << (i % 8)
		refused(b, "byte %d", i)
		b[i] ^= 1 << (i % 8)
	}
	after, err := m.State()
	require.NoError(t, err)
	assert.Equal(t, before, after)
}

func files(t *testing.T, dir string) (names []string) {
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestBackupAndRestore(t *testing.T) {
	dev, dir := devices[1].open(t), filepath.Join(t.TempDir(), "backup")
	want := finish(t, eventful(t, dev), &bytes.Buffer{}, eventfulFit(&bytes.Buffer{}))
	want.log = nil
	ctx, cancel := context.WithCancel(context.Background())
	steps := 0
	killed := StepFunc(func(m *Model, s Steps) error {
		if steps += len(s.Losses); steps >= 10 {
			cancel()
		}
		return nil
	})
	first := &BackupAndRestore{Dir: dir, EverySteps: 1, Keep: 3}
	_, err := eventful(t, dev).Fit(ctx, blobs(30), eventfulFit(&bytes.Buffer{}, killed, first))
	require.ErrorIs(t, err, context.Canceled)
	require.Len(t, files(t, dir), 3, "the last three are kept")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "checkpoint-0000000009-0000000090.safetensors.1.part"), []byte("half"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "checkpoint-0000000009-0000000090.safetensors"), []byte("damaged"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "notes"), nil, 0o600))
	second := &BackupAndRestore{Dir: dir, Keep: 1}
	got := finish(t, eventful(t, dev), &bytes.Buffer{}, eventfulFit(&bytes.Buffer{}, second))
	got.log = nil
	assert.Equal(t, want, got)
	assert.NotEmpty(t, second.Restored)
	assert.Len(t, second.Damaged, 1)
	assert.Equal(t, []string{"checkpoint-0000000004-0000000016.safetensors", "checkpoint-0000000009-0000000090.safetensors.damaged", "notes"}, files(t, dir))
	t.Run("again", func(t *testing.T) { // nothing is left to be done
		got := finish(t, eventful(t, dev), &bytes.Buffer{}, eventfulFit(&bytes.Buffer{}, &BackupAndRestore{Dir: dir, DeleteCheckpoint: true}))
		got.log = nil
		assert.Equal(t, want, got)
		assert.Len(t, files(t, dir), 2)
	})
}

// More epochs go on as if the training had never ended.
func TestMoreEpochs(t *testing.T) {
	dev, dir := devices[1].open(t), t.TempDir()
	longer := func(epochs int, callbacks ...Callback) leftBehind {
		fit := eventfulFit(&bytes.Buffer{}, callbacks...)
		fit.Epochs = epochs
		got := finish(t, eventful(t, dev), &bytes.Buffer{}, fit)
		got.log = nil
		return got
	}
	want := longer(7)
	longer(4, &BackupAndRestore{Dir: dir})
	assert.Equal(t, want, longer(7, &BackupAndRestore{Dir: dir}))
}

func TestBackupsRefused(t *testing.T) {
	dev := backendtest.NewOracle()
	fit := func(m *Model, c *BackupAndRestore) error {
		_, err := m.Fit(context.Background(), blobs(30), Fit{Callbacks: []Callback{c}})
		return err
	}
	m := compileSmall(t, dev)
	assert.ErrorContains(t, fit(m, &BackupAndRestore{}), `Dir is "", EverySteps 0`)
	dir := t.TempDir()
	require.NoError(t, fit(m, &BackupAndRestore{Dir: dir}))
	assert.ErrorContains(t, fit(m, &BackupAndRestore{Dir: dir}), "is of another Fit: want a folder for each")
	assert.ErrorContains(t, fit(eventful(t, dev), &BackupAndRestore{Dir: dir}), "the seed is 42, want 7")
	path := files(t, dir)[0]
	require.NoError(t, os.WriteFile(filepath.Join(dir, path), []byte("nothing"), 0o600))
	assert.ErrorContains(t, fit(compileSmall(t, dev), &BackupAndRestore{Dir: dir}), "none of the 1 checkpoints")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "file"), nil, 0o600))
	assert.Error(t, fit(compileSmall(t, dev), &BackupAndRestore{Dir: filepath.Join(dir, "file", "x")}))
}

// Every makes checkpoints by the clock.
func TestBackupByTheClock(t *testing.T) {
	for _, row := range []struct {
		every time.Duration
		files int
	}{{time.Nanosecond, 5}, {time.Hour, 1}} {
		dir := t.TempDir()
		_, err := eventful(t, devices[1].open(t)).Fit(context.Background(), blobs(30), Fit{BatchSize: 8,
			Callbacks: []Callback{&eachStep{}, &BackupAndRestore{Dir: dir, Every: row.every, Keep: 9}}})
		require.NoError(t, err)
		assert.Len(t, files(t, dir), row.files)
	}
}

func FuzzCheckpoint(f *testing.F) {
	path := filepath.Join(f.TempDir(), "c.safetensors")
	m := compileSmall(f, backendtest.NewOracle())
	_, err := m.Fit(context.Background(), blobs(30), Fit{Callbacks: []Callback{&EarlyStopping{Monitor: Monitor{Score: "loss"}}, &saver{path}}})
	require.NoError(f, err)
	b, err := os.ReadFile(path)
	require.NoError(f, err)
	f.Add(b)
	f.Fuzz(func(t *testing.T, b []byte) {
		made, err := safetensors.NewFile("fuzzed", bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		if s, err := readState(made); err == nil { // less the check sum, which hardly any survives
			_ = m.checkState(s)
		}
	})
}

// patience is a callback of a user's own that hands something on: how many epochs were worse than the one before.
type patience struct {
	Worse int
	last  float64
}

func (c *patience) EpochEnd(_ *Model, e Epoch) error {
	if e.Scores["loss"] > c.last && c.last > 0 {
		c.Worse++
	}
	c.last = e.Scores["loss"]
	return nil
}

func (c *patience) CallbackState() (CallbackState, error) {
	text, err := json.Marshal([]float64{float64(c.Worse), c.last})
	return CallbackState{Numbers: text}, err
}

func (c *patience) SetCallbackState(s CallbackState) error {
	var numbers [2]float64
	err := json.Unmarshal(s.Numbers, &numbers)
	c.Worse, c.last = int(numbers[0]), numbers[1]
	return err
}

// ExampleStateful keeps the state of a callback of a user's own in a checkpoint.
func ExampleStateful() {
	dir, err := os.MkdirTemp("", "checkpoint")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "c.safetensors")
	model, err := Compile(backendtest.NewOracle(), small(), smallTraining())
	if err != nil {
		panic(err)
	}
	defer model.Close()
	own := &patience{}
	keep := EpochFunc(func(m *Model, e Epoch) error { // last in the list, so that own has heard of the epoch
		if e.Number != 2 {
			return nil
		}
		return m.SaveCheckpoint(path)
	})
	whole, err := model.Fit(context.Background(), blobs(90), Fit{Epochs: 4, Callbacks: []Callback{own, keep}})
	if err != nil {
		panic(err)
	}
	if err := model.LoadCheckpoint(path); err != nil { // back to the end of epoch 2, within the Fit
		panic(err)
	}
	again := &patience{}
	history, err := model.Fit(context.Background(), blobs(90), Fit{Epochs: 4, Callbacks: []Callback{again}})
	fmt.Println(len(history.Epochs), history.Last().Scores["accuracy"] == whole.Last().Scores["accuracy"], again.Worse == own.Worse, err)
	// Output: 4 true true <nil>
}

// ExampleBackupAndRestore trains in a program that may be killed and started again.
func ExampleBackupAndRestore() {
	dir, err := os.MkdirTemp("", "backup")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	for _, epochs := range []int{2, 5} { // as if it had been killed after two epochs
		model, err := Compile(backendtest.NewOracle(), small(), smallTraining())
		if err != nil {
			panic(err)
		}
		backup := &BackupAndRestore{Dir: dir, EverySteps: 100}
		history, err := model.Fit(context.Background(), blobs(90), Fit{Epochs: epochs, Callbacks: []Callback{backup}})
		if err = errors.Join(err, model.Close()); err != nil {
			panic(err)
		}
		fmt.Println(backup.Restored != "", len(history.Epochs))
	}
	// Output:
	// false 2
	// true 5
}
