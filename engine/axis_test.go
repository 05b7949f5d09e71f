package engine

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/graph"
	"github.com/gradus-ml/gradus/engine/nn"
	"github.com/gradus-ml/gradus/engine/random"
)

// While training, the statistics of an axis are those of the batch and all other axes, and the moving averages follow them.
func TestBatchNormAxisTraining(t *testing.T) {
	const batch, outer, length, inner, momentum, epsilon = 5, 2, 3, 7, 0.75, 0.125
	x, s := make([]float32, batch*outer*length*inner), random.NewStream(5, 0)
	for i := range x {
		x[i] = float32(1 + 2*s.Normal())
	}
	at := func(i int) int { return i / inner % length }
	n := float64(len(x) / length)
	var mean, variance [length]float64
	for i, v := range x {
		mean[at(i)] += float64(v) / n
	}
	for i, v := range x {
		variance[at(i)] += (float64(v) - mean[at(i)]) * (float64(v) - mean[at(i)]) / n
	}
	for _, device := range devices {
		t.Run(device.name, func(t *testing.T) {
			dev := device.open(t)
			net := nn.Sequential(nn.Input(outer, length, inner), nn.BatchNorm(nn.Axis(2), nn.Momentum(momentum), nn.Epsilon(epsilon)))
			require.NoError(t, net.Err())
			store, err := graph.NewStore(dev, net.Variables(), 1)
			require.NoError(t, err)
			r := graph.NewRecorder(store, graph.Training)
			in := r.Input(false, batch, outer, length, inner)
			require.NoError(t, backend.Upload(dev, in.Value(), x))
			out := net.Forward(r, in)
			r.Keep(out)
			step, err := r.Compile()
			require.NoError(t, err)
			defer step.Release()
			require.NoError(t, step.Run(1))
			got := make([]float32, len(x))
			require.NoError(t, backend.Download(dev, got, out.Value()))
			for i, v := range x {
				require.InDelta(t, (float64(v)-mean[at(i)])/math.Sqrt(variance[at(i)]+epsilon), got[i], 1e-5, "y[%d]", i)
			}
			for i, v := range net.Variables()[2:] {
				moving, err := store.Read(v)
				require.NoError(t, err)
				for c, m := range moving {
					want := []float64{(1 - momentum) * mean[c], momentum + (1-momentum)*variance[c]}[i]
					assert.InDelta(t, want, m, 1e-5, "%s[%d]", v.Name, c)
				}
			}
		})
	}
}
