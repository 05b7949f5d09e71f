package engine

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/graph"
	"github.com/gradus-ml/gradus/engine/nn"
)

// Initial values depend on the seed and the variable, not on the backend.
func TestInitializersAgree(t *testing.T) {
	for _, init := range []nn.Initializer{nn.Orthogonal(1), nn.RandomNormal(0, 0.05), nn.RandomUniform(-1, 1), nn.RandomTruncatedNormal(0, 1)} {
		want := initialKernel(t, backendtest.NewOracle(), init)
		for _, o := range real {
			t.Run(init.String()+" "+o.name, func(t *testing.T) { assert.Equal(t, want, initialKernel(t, o.open(t), init)) })
		}
	}
}

func initialKernel(t *testing.T, dev backend.Backend, init nn.Initializer) []float32 {
	net := nn.Sequential(nn.Input(20), nn.Dense(10, init))
	require.NoError(t, net.Err())
	store, err := graph.NewStore(dev, net.Variables(), 42)
	require.NoError(t, err)
	values, err := store.Read(net.Variables()[0])
	require.NoError(t, err)
	return values
}
