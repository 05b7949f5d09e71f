package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/data"
	"github.com/gradus-ml/gradus/engine/nn"
)

// Weights are brought back to the bit, from either kind of file, and out of a checkpoint.
func TestSaveAndLoadWeights(t *testing.T) {
	for _, device := range real {
		t.Run(device.name, func(t *testing.T) {
			m := compileSmall(t, device.open(t))
			_, err := m.Fit(context.Background(), blobs(50), Fit{})
			require.NoError(t, err)
			want, err := m.weights()
			require.NoError(t, err)
			for _, name := range []string{"w.safetensors", "w.npz", "checkpoint"} {
				path := filepath.Join(t.TempDir(), name)
				save := m.SaveWeights
				if name == "checkpoint" {
					save = m.SaveCheckpoint
				}
				require.NoError(t, save(path))
				other := compileSmall(t, m.dev)
				report, err := other.LoadWeights(path, LoadOptions{})
				require.NoError(t, err)
				assert.Equal(t, &LoadReport{Loaded: variableNames(m)}, report)
				got, err := other.weights()
				require.NoError(t, err)
				assert.Equal(t, want, got)
			}
		})
	}
}

func variableNames(m *Model) (names []string) {
	for _, v := range m.Variables() {
		names = append(names, v.Name)
	}
	return names
}

// What does not fit is told, all of it, and nothing is taken, unless Partial takes what fits.
func TestWeightsThatDoNotFit(t *testing.T) {
	dev := backendtest.NewOracle()
	from, err := Compile(dev, nn.Sequential(nn.Input(4), nn.BatchNorm(), nn.Dense(9, nn.HeNormal), nn.Dense(3, nn.Name("head")), nn.Activation(nn.Softmax)), smallTraining())
	require.NoError(t, err)
	defer from.Close()
	for _, name := range []string{"w.safetensors", "w.npz"} {
		path := filepath.Join(t.TempDir(), name)
		require.NoError(t, from.SaveWeights(path))
		m := compileSmall(t, dev)
		before, err := m.weights()
		require.NoError(t, err)
		report, err := m.LoadWeights(path, LoadOptions{})
		require.EqualError(t, err, "engine: load weights "+path+": missing batch_normalization_1/gamma, batch_normalization_1/beta, "+
			"batch_normalization_1/moving_mean, batch_normalization_1/moving_variance, dense_1/kernel, dense_1/bias; extra head/bias, head/kernel; "+
			"dense/kernel is [4 9], want [4 8]; dense/bias is [9], want [8]")
		assert.Len(t, report.Loaded, 4)
		after, err := m.weights()
		require.NoError(t, err)
		assert.Equal(t, before, after)

		require.NoError(t, from.SetValue("batch_normalization/gamma", []float32{5, 6, 7, 8}))
		require.NoError(t, from.SaveWeights(path))
		report, err = m.LoadWeights(path, LoadOptions{Partial: true})
		require.NoError(t, err)
		assert.Equal(t, "4 variables loaded; "+report.Err().Error(), report.String())
		gamma, err := m.Value("batch_normalization/gamma")
		require.NoError(t, err)
		assert.Equal(t, []float32{5, 6, 7, 8}, gamma)

		_, err = m.LoadWeights(path, LoadOptions{Names: func(string) string { return "dense/kernel" }})
		assert.ErrorContains(t, err, `are "dense/kernel" in the model`)
		report, err = m.LoadWeights(path, LoadOptions{Partial: true, Names: func(name string) string { return strings.TrimPrefix(name, "head/bias") }})
		require.NoError(t, err)
		assert.Equal(t, []string{"head/bias"}, report.LeftOut)
	}
}

// Files that are cut off or damaged are refused, and the model is as before.
func TestDamagedWeights(t *testing.T) {
	m := compileSmall(t, backendtest.NewOracle())
	before, err := m.weights()
	require.NoError(t, err)
	for _, name := range []string{"w.safetensors", "w.npz"} {
		path := filepath.Join(t.TempDir(), name)
		require.NoError(t, m.SaveWeights(path))
		b, err := os.ReadFile(path)
		require.NoError(t, err)
		for n := 0; n < len(b); n += 1 + len(b)/100 {
			require.NoError(t, os.WriteFile(path, b[:n], 0o600))
			_, err := m.LoadWeights(path, LoadOptions{})
			require.ErrorContains(t, err, path, "cut off after %d", n)
		}
	}
	_, err = m.LoadWeights(filepath.Join(t.TempDir(), "none"), LoadOptions{})
	assert.ErrorIs(t, err, os.ErrNotExist)
	assert.ErrorContains(t, m.SaveWeights(filepath.Join(t.TempDir(), "none", "w")), "engine: save weights")
	after, err := m.weights()
	require.NoError(t, err)
	assert.Equal(t, before, after)
}

// A layer may not be called as what is not a variable is in files.
func TestReservedNames(t *testing.T) {
	m, err := Compile(backendtest.NewOracle(), nn.Sequential(nn.Input(4), nn.Dense(3, nn.Softmax, nn.Name("gradus.slot.0"))), smallTraining())
	require.NoError(t, err)
	defer m.Close()
	path := filepath.Join(t.TempDir(), "w")
	assert.ErrorContains(t, m.SaveWeights(path), `variable "gradus.slot.0/kernel": names that begin with "gradus."`)
	assert.NoFileExists(t, path)
}

// Files with a Keras model's names and weights, which NumPy alone has written with what the model gives (testdata/keras.py), are taken, and the model
// gives the same.
func TestKerasWeights(t *testing.T) {
	text, err := os.ReadFile("testdata/keras.json")
	require.NoError(t, err)
	var want struct{ X, Y [][]float32 }
	require.NoError(t, json.Unmarshal(text, &want))
	set := &data.Set{Shape: []int{4}}
	for _, x := range want.X {
		set.Floats = append(set.Floats, x...)
	}
	for _, device := range devices {
		for _, path := range []string{"testdata/keras.safetensors", "testdata/keras.npz"} {
			t.Run(device.name+"/"+path, func(t *testing.T) {
				m, err := Compile(device.open(t), nn.Sequential(nn.Input(4), nn.Dense(6, nn.ReLU), nn.BatchNorm(), nn.Dropout(0.5), nn.RMSNorm(),
					nn.Dense(3, nn.Softmax)), smallTraining())
				require.NoError(t, err)
				defer m.Close()
				_, err = m.LoadWeights(path, LoadOptions{})
				require.Error(t, err, "the names are Keras's")
				report, err := m.LoadWeights(path, LoadOptions{Keras: true})
				require.NoError(t, err)
				assert.Equal(t, variableNames(m), report.Loaded)
				assert.Equal(t, []string{"sequential_3/dropout_2/seed_generator_9/seed_generator_state"}, report.LeftOut)
				got, err := m.Predict(context.Background(), set)
				require.NoError(t, err)
				assert.LessOrEqual(t, difference(got, want.Y), 1e-6)
			})
		}
	}
}

func TestKerasNames(t *testing.T) {
	m := compileSmall(t, backendtest.NewOracle())
	for _, row := range []struct{ from, to string }{
		{"dense/kernel:0", "dense/kernel"}, {"sequential/dense_1/bias", "dense_1/bias"}, {"batch_normalization/moving_mean:0", "batch_normalization/moving_mean"},
		{"model/block/batch_normalization_1/moving_variance", "batch_normalization_1/moving_variance"}, {"optimizer/iteration", ""}, {"iteration", ""},
		{"dropout/seed_generator/seed_generator_state", ""}, {"normalization/count", ""}, {"rms_normalization_2/scale", "rms_normalization_2/gamma"},
	} {
		assert.Equal(t, row.to, kerasName(row.from), row.from)
	}
	names := func(list ...string) map[string]string { return KerasNames(list, m.Variables()) }
	assert.Equal(t, map[string]string{"dense_9/kernel": "dense/kernel", "dense_10/kernel": "dense_1/kernel", "dense_10/bias": "dense_1/bias"},
		names("dense_10/kernel", "dense_9/kernel", "dense_10/bias"), "by number, not by letter")
	assert.Equal(t, map[string]string{"dense_9/kernel": "dense_9/kernel"}, names("dense_9/kernel"), "another number of them: as they are")
	assert.Equal(t, map[string]string{"dense_1/kernel": "dense_1/kernel", "dense/kernel": "dense/kernel"}, names("dense_1/kernel", "dense/kernel"))
}

func ExampleModel_SaveWeights() {
	dir, err := os.MkdirTemp("", "weights")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	model, err := Compile(backendtest.NewOracle(), small(), smallTraining())
	if err != nil {
		panic(err)
	}
	defer model.Close()
	path := filepath.Join(dir, "model.safetensors")
	if err := model.SaveWeights(path); err != nil {
		panic(err)
	}
	report, err := model.LoadWeights(path, LoadOptions{})
	fmt.Println(report, err)
	// Output: 12 variables loaded <nil>
}

// ExampleModel_LoadWeights_keras takes weights that Python wrote: see docs/keras.md.
func ExampleModel_LoadWeights_keras() {
	net := nn.Sequential(nn.Input(4), nn.Dense(6, nn.ReLU), nn.BatchNorm(), nn.Dropout(0.5), nn.RMSNorm(), nn.Dense(3, nn.Softmax))
	model, err := Compile(backendtest.NewOracle(), net, smallTraining())
	if err != nil {
		panic(err)
	}
	defer model.Close()
	report, err := model.LoadWeights("testdata/keras.safetensors", LoadOptions{Keras: true})
	fmt.Println(report, err)
	// Output: 9 variables loaded <nil>
}
