package engine

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/nn"
	"github.com/gradus-ml/gradus/engine/optim"
)

// plain is a network whose batches do not mix examples, with a regulariser.
func plain() *nn.Network {
	return nn.Sequential(nn.Input(4), nn.Dense(8, nn.ELU, nn.HeNormal, nn.KernelRegularizer(nn.L2(0.01))), nn.Dense(3, nn.Softmax))
}

func trainPlain(t *testing.T, dev backend.Backend, net *nn.Network, fit Fit) (values [][]float32, history *History) {
	m, err := Compile(dev, net, smallTraining())
	require.NoError(t, err)
	defer m.Close()
	history, err = m.Fit(context.Background(), blobs(101), fit)
	require.NoError(t, err)
	for _, v := range m.Variables() {
		got, err := m.Value(v.Name)
		require.NoError(t, err)
		values = append(values, got)
	}
	return values, history
}

// plainResults names what trainPlain returns.
func plainResults(values [][]float32, history *History) map[string][]float64 {
	list := map[string][]float64{"loss": history.Column("loss")}
	for i, v := range values {
		list[fmt.Sprint("variable ", i)] = toFloat64(v)
	}
	for i, e := range history.Epochs {
		list[fmt.Sprint("losses of epoch ", i)] = e.StepLosses
	}
	return list
}

// The update of a batch is the same whether its examples pass through the network at once or in parts; the last batch has 5 of 12
// examples, in two parts.
func TestMicroBatches(t *testing.T) {
	whole, parts := Fit{Epochs: 2, BatchSize: 12}, Fit{Epochs: 2, BatchSize: 12, MicroBatch: 3}
	s := spread{} // both may be so far from the exact
	for _, fit := range []Fit{whole, parts} {
		for name, far := range spreadOf(func(dev backend.Backend) map[string][]float64 { return plainResults(trainPlain(t, dev, plain(), fit)) }) {
			s[name] += far
		}
	}
	for _, device := range devices {
		t.Run(device.name, func(t *testing.T) {
			dev := device.open(t)
			want, once := trainPlain(t, dev, plain(), whole)
			got, inParts := trainPlain(t, dev, plain(), parts)
			s.holds(t, device, plainResults(got, inParts), plainResults(want, once))
			assert.Equal(t, once.Column("accuracy"), inParts.Column("accuracy"))
			random := func() [][]float32 {
				net := nn.Sequential(nn.Input(4), nn.BatchNorm(), nn.Dropout(0.2), nn.Dense(3, nn.Softmax))
				values, _ := trainPlain(t, dev, net, Fit{BatchSize: 12, MicroBatch: 3})
				return values
			}
			assert.Equal(t, random(), random(), "to the bit, with BatchNorm and Dropout too")
		})
	}
}

// So it is with optimizers that change the gradients themselves, or keep tables and memory of their own.
func TestMicroBatchesOfOtherOptimizers(t *testing.T) {
	for name, o := range map[string]optim.Optimizer{
		"Muon": optim.Muon{LearningRate: 0.01}, "Lamb": optim.Lamb{LearningRate: 0.01},
		"all around SGD": optim.EMA{Optimizer: optim.Grouped{Optimizer: optim.Clipped{Optimizer: optim.SGD{LearningRate: 0.1, WeightDecay: 0.01},
			Adaptive: 0.1, VariableNorm: 1, GlobalNorm: 2}, Groups: []optim.Group{optim.Undecayed()}}},
	} {
		var values [][]float32
		for _, micro := range []int{0, 3} {
			tr := smallTraining()
			tr.Optimizer = o
			m, err := Compile(backendtest.NewOracle(), plain(), tr)
			require.NoError(t, err)
			_, err = m.Fit(context.Background(), blobs(101), Fit{Epochs: 2, BatchSize: 12, MicroBatch: micro})
			require.NoError(t, err)
			kernel, err := m.Value("dense/kernel")
			require.NoError(t, err)
			values = append(values, kernel)
			require.NoError(t, m.Close())
		}
		assert.InDeltaSlice(t, values[0], values[1], 2e-5, name)
	}
}

// counting is a backend that adds up what is allocated.
type counting struct {
	backend.Backend
	bytes int
}

func (c *counting) Alloc(kind backend.Kind, n int) (backend.Buffer, error) {
	c.bytes += n * kind.Size()
	return c.Backend.Alloc(kind, n)
}

// The parts of a step share their memory: many small ones need little more than one.
func TestMicroBatchMemory(t *testing.T) {
	net := func() *nn.Network {
		return nn.Sequential(nn.Input(4), nn.Dense(256, nn.ELU), nn.Dense(8, nn.ELU), nn.Dense(3, nn.Softmax))
	}
	memory := func(fit Fit) int {
		dev := &counting{Backend: backendtest.NewOracle()}
		m, err := Compile(dev, net(), smallTraining())
		require.NoError(t, err)
		defer m.Close()
		dev.bytes = 0
		_, err = m.Fit(context.Background(), blobs(96), fit)
		require.NoError(t, err)
		return dev.bytes
	}
	whole := memory(Fit{BatchSize: 96})
	parts := memory(Fit{BatchSize: 96, MicroBatch: 6})
	t.Logf("%d bytes at once, %d in 16 parts", whole, parts)
	assert.Less(t, parts, whole/4)
}

func TestMicroBatchRefused(t *testing.T) {
	m := compileSmall(t, backendtest.NewOracle())
	for _, micro := range []int{-1, 5, 24} {
		_, err := m.Fit(context.Background(), blobs(101), Fit{BatchSize: 12, MicroBatch: micro})
		assert.ErrorContains(t, err, "want a divisor of the batch size, 12")
	}
}
