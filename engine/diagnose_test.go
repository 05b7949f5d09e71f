package engine

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/nn"
)

// deep is a stack of ten hidden layers of 20 units, all made alike.
func deep(t testing.TB, dev backend.Backend, options ...nn.DenseOption) *Model {
	layers := []nn.Layer{nn.Input(4)}
	for range 10 {
		layers = append(layers, nn.Dense(20, options...))
	}
	m, err := Compile(dev, nn.Sequential(append(layers, nn.Dense(3, nn.Softmax))...), smallTraining())
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, m.Close()) })
	return m
}

// The chapter's ailments are found where they are, and not where they are not.
func TestDiagnose(t *testing.T) {
	for _, device := range real {
		t.Run(device.name, func(t *testing.T) {
			dev := device.open(t)
			for _, row := range []struct {
				name    string
				options []nn.DenseOption
				finding string // none if empty
			}{
				{"He and ELU are healthy", []nn.DenseOption{nn.ELU, nn.HeNormal}, ""},
				{"sigmoid and Glorot vanish", []nn.DenseOption{nn.Sigmoid, nn.GlorotNormal}, "vanishing gradients"},
				{"small weights vanish", []nn.DenseOption{nn.Tanh, nn.VarianceScaling(0.05, nn.FanIn, nn.Uniform)}, "vanishing gradients"},
			} {
				t.Run(row.name, func(t *testing.T) {
					m := deep(t, dev, row.options...)
					before := values(t, m)
					d, err := m.Diagnose(context.Background(), blobs(300))
					require.NoError(t, err)
					assert.Equal(t, 256, d.Examples)
					require.Len(t, d.Layers, 11)
					assert.Equal(t, before, values(t, m), "diagnosing changed the model")
					if row.finding == "" {
						assert.Empty(t, d.Findings, d)
					} else {
						assert.Contains(t, strings.Join(d.Findings, "\n"), row.finding)
					}
				})
			}
		})
	}
}

// Units that a large negative bias keeps at 0 are dead; half of them here.
func TestDiagnoseDead(t *testing.T) {
	m, err := Compile(backendtest.NewOracle(), nn.Sequential(nn.Input(4), nn.BatchNorm(), nn.Dense(10, nn.ReLU, nn.HeNormal, nn.Name("hidden")),
		nn.Dense(3, nn.Softmax)), smallTraining())
	require.NoError(t, err)
	defer m.Close()
	bias := make([]float32, 10)
	for i := range 5 {
		bias[i] = -1000
	}
	require.NoError(t, m.SetValue("hidden/bias", bias))
	before := values(t, m)
	d, err := m.Diagnose(context.Background(), blobs(90))
	require.NoError(t, err)
	assert.InDelta(t, 0.5, d.Layers[1].Dead, 1e-12)
	require.Len(t, d.Findings, 1)
	assert.Contains(t, d.Findings[0], "hidden: 50% of its units are 0 for every example")
	assert.Equal(t, before, values(t, m), "the moving averages must be as before")
	assert.Contains(t, d.String(), "batch_normalization")
}

// What is reported must be what it says: compared with Predict's outputs, which for a network without BatchNorm are the same.
func TestDiagnoseMoments(t *testing.T) {
	m := deep(t, backendtest.NewOracle(), nn.ELU, nn.HeNormal)
	d, err := m.Diagnose(context.Background(), blobs(60))
	require.NoError(t, err)
	outputs, err := m.Predict(context.Background(), blobs(60))
	require.NoError(t, err)
	var flat []float64
	for _, row := range outputs {
		flat = append(flat, toFloat64(row)...)
	}
	mean, variance := moments(flat)
	last := d.Layers[len(d.Layers)-1]
	assert.InDelta(t, mean, last.Mean, 1e-6)
	assert.InDelta(t, variance, last.StdDev*last.StdDev, 1e-6)
}

// Every device sums the same statistics as the oracle, over several steps and with layers of every kind of gradient.
func TestDiagnoseAgrees(t *testing.T) {
	diagnose := func(t *testing.T, dev backend.Backend) *Diagnosis {
		net := nn.Sequential(nn.Input(4), nn.BatchNorm(), nn.Dense(30, nn.ReLU, nn.HeNormal), nn.Dropout(0.2), nn.Dense(20, nn.PReLU()), nn.Dense(3, nn.Softmax))
		m, err := Compile(dev, net, smallTraining())
		require.NoError(t, err)
		defer m.Close()
		d, err := m.Diagnose(context.Background(), blobs(600))
		require.NoError(t, err)
		return d
	}
	want := diagnose(t, backendtest.NewOracle())
	require.Equal(t, 512, want.Examples)
	for _, device := range real {
		t.Run(device.name, func(t *testing.T) {
			for i, got := range diagnose(t, device.open(t)).Layers {
				w := want.Layers[i]
				assert.Equal(t, w.Dead, got.Dead, w.Name)
				for _, pair := range [][2]float64{{w.StdDev, got.StdDev}, {w.OutputGradient, got.OutputGradient}, {w.WeightGradient, got.WeightGradient}} {
					assert.InDelta(t, pair[0], pair[1], 1e-4*pair[0], w.Name)
				}
				assert.InDelta(t, w.Mean, got.Mean, 1e-5, w.Name)
			}
		})
	}
}

func TestDiagnoseRefused(t *testing.T) {
	m := compileSmall(t, backendtest.NewOracle())
	_, err := m.Diagnose(context.Background(), nil)
	assert.ErrorContains(t, err, "engine: diagnose: no data set")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = m.Diagnose(ctx, blobs(30))
	assert.ErrorIs(t, err, context.Canceled)
}

func ExampleModel_Diagnose() {
	layers := []nn.Layer{nn.Input(4)}
	for range 10 {
		layers = append(layers, nn.Dense(20, nn.Sigmoid)) // Glorot initialisation, as once was usual
	}
	model, err := Compile(backendtest.NewOracle(), nn.Sequential(append(layers, nn.Dense(3, nn.Softmax))...), smallTraining())
	if err != nil {
		panic(err)
	}
	defer model.Close()
	d, err := model.Diagnose(context.Background(), blobs(256))
	if err != nil {
		panic(err)
	}
	for _, f := range d.Findings {
		if strings.Contains(f, "vanishing gradients") {
			fmt.Println("gradients vanish on their way down to", f[:strings.Index(f, ":")])
		}
	}
	// Output: gradients vanish on their way down to dense
}
