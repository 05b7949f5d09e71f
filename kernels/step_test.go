package kernels

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine"
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/data"
	"github.com/gradus-ml/gradus/engine/loss"
	"github.com/gradus-ml/gradus/engine/metric"
	"github.com/gradus-ml/gradus/engine/nn"
	"github.com/gradus-ml/gradus/engine/optim"
)

// recording is a device that runs nothing and keeps the lists that it is to compile.
type recording struct {
	backend.Backend
	lists [][]backend.Op
}

type nothing struct{}

func (nothing) Run(int) error { return nil }
func (nothing) Release()      {}

// Compile implements backend.Backend.
func (d *recording) Compile(list []backend.Op) (backend.Program, error) {
	d.lists = append(d.lists, list)
	return nothing{}, nil
}

// seedStep returns the operations of a training step of the seed network, 784-300-100-10 with BatchNorm and ELU, over a device's memory,
// which stays valid until the device is closed.
func seedStep(t testing.TB, dev backend.Backend, optimizer optim.Optimizer, batch int) []backend.Op {
	r := &recording{Backend: dev}
	m, err := engine.Compile(r, nn.Sequential(nn.Input(28, 28), nn.Flatten(),
		nn.BatchNorm(), nn.Dense(300, nn.ELU, nn.HeNormal), nn.BatchNorm(), nn.Dense(100, nn.ELU, nn.HeNormal), nn.BatchNorm(), nn.Dense(10, nn.Softmax)),
		engine.Training{Loss: loss.SparseCategoricalCrossentropy{}, Optimizer: optimizer, Metrics: []metric.Metric{metric.Accuracy{}}})
	require.NoError(t, err)
	set := &data.Set{Shape: []int{28, 28}, Bytes: make([]byte, 2*batch*784), Labels: make([]int, 2*batch)}
	for i := range set.Bytes {
		set.Bytes[i] = byte(i * 2654435761 >> 16)
	}
	_, err = m.Fit(context.Background(), set, engine.Fit{BatchSize: batch})
	require.ErrorContains(t, err, "made 0 of 1 steps, and did not say so")
	return r.lists[len(r.lists)-1]
}

// TestSeedStep holds how many dispatches a training step of the seed network takes.
func TestSeedStep(t *testing.T) {
	for name, row := range map[string]struct {
		optimizer     optim.Optimizer
		before, after int // after at a batch of 32 on a GPU
	}{
		"SGD":                       {optim.SGD{}, 34, 17},
		"SGD with momentum":         {optim.SGD{Momentum: 0.9}, 34, 17},
		"Adam":                      {optim.Adam{}, 34, 17},
		"Adam, clipped by value":    {optim.Clipped{Optimizer: optim.Adam{}, Value: 1}, 35, 17},
		"Adam, clipped by the norm": {optim.Clipped{Optimizer: optim.Adam{}, GlobalNorm: 1}, 36, 18},
		"SGD, clipped both ways":    {optim.Clipped{Optimizer: optim.SGD{}, Value: 1, GlobalNorm: 1}, 37, 19},
		"AMSGrad, clipped by value": {optim.Clipped{Optimizer: optim.Adam{AMSGrad: true}, Value: 1}, 35, 17},
		"AMSGrad, by the norm":      {optim.Clipped{Optimizer: optim.Adam{AMSGrad: true}, GlobalNorm: 1}, 36, 19},
	} {
		for _, on := range []struct {
			batch    int
			emulated bool
			more     int
		}{{32, false, 0}, {32, true, -1}, {256, false, 1}, {256, true, 1}} {
			list := seedStep(t, backendtest.NewOracle(), row.optimizer, on.batch)
			assert.Equal(t, row.before, len(tasksOf(list)), name)
			tasks := fused(list, 128<<20, on.emulated)
			assert.Equal(t, row.after+on.more, len(tasks), "%s, %v: %s", name, on, namesOf(tasks))
		}
	}
}
