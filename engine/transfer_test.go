package engine

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/nn"
)

// values reads every variable.
func values(t *testing.T, m *Model) nn.Weights {
	t.Helper()
	weights, err := m.weights()
	require.NoError(t, err)
	return weights
}

// Frozen layers keep every bit, moving averages included; the others learn; unfrozen, all learn.
func TestFrozenLayersStay(t *testing.T) {
	for _, device := range real {
		t.Run(device.name, func(t *testing.T) {
			m := compileSmall(t, device.open(t))
			require.NoError(t, m.Freeze("batch_normalization", "dense", "batch_normalization_1"))
			before := values(t, m)
			_, err := m.Fit(context.Background(), blobs(90), Fit{Epochs: 2})
			require.NoError(t, err)
			after := values(t, m)
			for name := range before {
				if name == "dense_1/kernel" || name == "dense_1/bias" {
					assert.NotEqual(t, before[name], after[name], name)
				} else {
					assert.Equal(t, before[name], after[name], name)
				}
			}
			require.NoError(t, m.Unfreeze(m.Network().Frozen()...))
			assert.Equal(t, after, values(t, m), "unfreezing changes no value")
			_, err = m.Fit(context.Background(), blobs(90), Fit{})
			require.NoError(t, err)
			for name, v := range values(t, m) {
				assert.NotEqual(t, after[name], v, name)
			}
		})
	}
}

// A BatchNorm frozen between trained layers passes the gradient on: the layers below still learn.
func TestFrozenBatchNormBetween(t *testing.T) {
	for _, device := range devices {
		t.Run(device.name, func(t *testing.T) {
			m := compileSmall(t, device.open(t))
			require.NoError(t, m.Freeze("batch_normalization_1"))
			history, err := m.Fit(context.Background(), blobs(300), Fit{Epochs: 6})
			require.NoError(t, err)
			assert.Greater(t, history.Last().Scores["accuracy"], 0.85)
		})
	}
}

func TestFreezeRefused(t *testing.T) {
	m := compileSmall(t, backendtest.NewOracle())
	before := values(t, m)
	assert.ErrorContains(t, m.Freeze("dance"), `no layer "dance"`)
	assert.ErrorContains(t, m.Freeze("batch_normalization", "dense", "batch_normalization_1", "dense_1"), "no layer has trainable variables")
	assert.Empty(t, m.Network().Frozen(), "a refused Freeze leaves everything as it was")
	assert.Equal(t, before, values(t, m))
	_, err := m.Fit(context.Background(), blobs(40), Fit{})
	assert.NoError(t, err)
}

// The lower layers of a trained network, with a new head, know what they knew.
func TestTransfer(t *testing.T) {
	dev := backendtest.NewOracle()
	teacher := compileSmall(t, dev)
	_, err := teacher.Fit(context.Background(), blobs(300), Fit{Epochs: 5})
	require.NoError(t, err)
	lower, err := teacher.Network().Lower("batch_normalization_1")
	require.NoError(t, err)
	net := nn.Sequential(append(append([]nn.Layer{nn.Input(4)}, lower...), nn.Dense(3, nn.Softmax, nn.Name("head")))...)
	require.NoError(t, net.Freeze("batch_normalization", "dense", "batch_normalization_1"))
	student, err := Compile(dev, net, smallTraining())
	require.NoError(t, err)
	defer student.Close()
	adopted, err := student.Adopt(teacher)
	require.NoError(t, err)
	assert.Len(t, adopted, 10, "%v", adopted)
	assert.NotContains(t, adopted, "head/kernel")
	for _, name := range adopted {
		assert.Equal(t, values(t, teacher)[name], values(t, student)[name])
	}
	history, err := student.Fit(context.Background(), blobs(60), Fit{Epochs: 3, BatchSize: 8})
	require.NoError(t, err)
	assert.Greater(t, history.Last().Scores["accuracy"], 0.9)
}
