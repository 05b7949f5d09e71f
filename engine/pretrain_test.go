package engine

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/cpu"
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/loss"
	"github.com/gradus-ml/gradus/engine/nn"
	"github.com/gradus-ml/gradus/engine/optim"
)

func narrowing(dev backend.Backend) (*Model, error) {
	net := nn.Sequential(nn.Input(4), nn.Dense(3, nn.ELU, nn.HeNormal), nn.BatchNorm(), nn.Dense(2, nn.ELU, nn.HeNormal), nn.Dense(3, nn.Softmax))
	return Compile(dev, net, smallTraining())
}

// Each layer learns to keep what it is given: its inputs can be told from its outputs better than before.
func TestPretrain(t *testing.T) {
	for _, tied := range []bool{false, true} {
		for _, device := range devices {
			t.Run(fmt.Sprint(device.name, " tied ", tied), func(t *testing.T) {
				m, err := narrowing(device.open(t))
				require.NoError(t, err)
				defer m.Close()
				before, err := m.Value("dense_2/kernel")
				require.NoError(t, err)
				histories, err := m.Pretrain(context.Background(), blobs(300), Pretraining{Tied: tied, Optimizer: optim.Adam{LearningRate: 0.02}, Fit: Fit{Epochs: 15}})
				require.NoError(t, err)
				require.Len(t, histories, 2)
				for _, h := range histories {
					losses := h.Column("loss")
					assert.Less(t, losses[len(losses)-1], 0.8*losses[0])
				}
				after, err := m.Value("dense_2/kernel")
				require.NoError(t, err)
				assert.Equal(t, before, after, "the last layer is not trained")
				_, err = m.Fit(context.Background(), blobs(300), Fit{})
				require.NoError(t, err)
			})
		}
	}
}

// What is learned is the layer's: the autoencoder that a layer was trained in gives the same activations as the model.
func TestPretrainedLayerIsKept(t *testing.T) {
	m, err := narrowing(backendtest.NewOracle())
	require.NoError(t, err)
	defer m.Close()
	fresh, err := m.Activations(context.Background(), blobs(9), "dense")
	require.NoError(t, err)
	_, err = m.Pretrain(context.Background(), blobs(60), Pretraining{Layers: []string{"dense"}})
	require.NoError(t, err)
	trained, err := m.Activations(context.Background(), blobs(9), "dense")
	require.NoError(t, err)
	assert.NotEqual(t, fresh, trained)
	assert.Len(t, trained[0], 3)
}

func TestPretrainRefused(t *testing.T) {
	m, err := narrowing(backendtest.NewOracle())
	require.NoError(t, err)
	_, err = m.Pretrain(context.Background(), blobs(9), Pretraining{Layers: []string{"batch_normalization"}})
	assert.ErrorContains(t, err, `no Dense layer "batch_normalization"`)
	_, err = m.Pretrain(context.Background(), nil, Pretraining{})
	assert.ErrorContains(t, err, "no data set")
	_, err = m.Pretrain(context.Background(), blobs(9), Pretraining{Fit: Fit{BatchSize: 99}})
	assert.ErrorContains(t, err, `layer "dense": engine: fit: batch size is 99`)
	_, err = m.Activations(context.Background(), blobs(9), "dance")
	assert.ErrorContains(t, err, `no layer "dance"`)
	require.NoError(t, m.Close())
	_, err = m.Pretrain(context.Background(), blobs(9), Pretraining{})
	assert.ErrorIs(t, err, errClosed)
	two, err := Compile(backendtest.NewOracle(), wideAndDeep(), smallTraining())
	require.NoError(t, err)
	defer two.Close()
	_, err = two.Pretrain(context.Background(), halves(9), Pretraining{})
	assert.ErrorContains(t, err, "the network has 2 inputs, want 1")
	one := passing(t, backendtest.NewOracle(), 2, loss.MeanSquaredError{})
	_, err = one.Pretrain(context.Background(), noise(9, 2), Pretraining{})
	assert.ErrorContains(t, err, "the network has 1 Dense layers, want at least 2")
}

// Layers are trained without labels first, as autoencoders with tied weights, then the model with the few labels there are.
func ExampleModel_Pretrain() {
	dev, err := cpu.Open()
	if err != nil {
		panic(err)
	}
	defer dev.Close()
	model, err := narrowing(dev) // Dense, BatchNorm, Dense, Dense softmax
	if err != nil {
		panic(err)
	}
	defer model.Close()
	unlabelled, labelled := blobs(300).WithoutAnswers(), blobs(30)
	histories, err := model.Pretrain(context.Background(), unlabelled, Pretraining{Tied: true, Fit: Fit{Epochs: 5}})
	if err != nil {
		panic(err)
	}
	fmt.Println("layers pretrained:", len(histories))
	if _, err := model.Fit(context.Background(), labelled, Fit{Epochs: 10}); err != nil {
		panic(err)
	}
	// Output: layers pretrained: 2
}
