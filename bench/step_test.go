package bench

import (
	"context"
	"testing"
	"time"

	"github.com/gradus-ml/gradus/cpu"
	"github.com/gradus-ml/gradus/engine"
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/data"
	"github.com/gradus-ml/gradus/engine/loss"
	"github.com/gradus-ml/gradus/engine/metric"
	"github.com/gradus-ml/gradus/engine/nn"
	"github.com/gradus-ml/gradus/engine/optim"
	"github.com/gradus-ml/gradus/engine/random"
)

// momentum is what the seed network is trained with.
var momentum = optim.SGD{LearningRate: 0.01, Momentum: 0.9}

// seedModel compiles 784-300-100-10 with BatchNorm and ELU, trained with SGD and momentum.
func seedModel(b *testing.B, dev backend.Backend) *engine.Model {
	return seedModelWith(b, dev, momentum)
}

func seedModelWith(b *testing.B, dev backend.Backend, optimizer optim.Optimizer) *engine.Model {
	net := nn.Sequential(
		nn.Input(28, 28),
		nn.Flatten(),
		nn.BatchNorm(),
		nn.Dense(300, nn.ELU, nn.HeNormal),
		nn.BatchNorm(),
		nn.Dense(100, nn.ELU, nn.HeNormal),
		nn.BatchNorm(),
		nn.Dense(10, nn.Softmax),
	)
	m, err := engine.Compile(dev, net, engine.Training{
		Loss:      loss.SparseCategoricalCrossentropy{},
		Optimizer: optimizer,
		Metrics:   []metric.Metric{metric.Accuracy{}},
		Seed:      42,
	})
	must(b, err)
	return m
}

// noise is a data set of random bytes with random labels.
func noise(n int) *data.Set {
	s, set := random.NewStream(1, 0), &data.Set{Shape: []int{28, 28}, Bytes: make([]byte, n*784), Labels: make([]int, n)}
	for i := range set.Bytes {
		set.Bytes[i] = byte(s.Uint32())
	}
	for i := range set.Labels {
		set.Labels[i] = s.IntN(10)
	}
	return set
}

// stepsPerEpoch of the data set that is trained on.
const stepsPerEpoch = 16

// BenchmarkStep times training steps of the seed network: gather, forward, loss, accuracy, gradients, update. One iteration is an
// epoch of 16 steps; what is reported is per step.
func BenchmarkStep(b *testing.B) {
	for _, batch := range []int{32, 256} {
		b.Run("batch-"+size(batch), func(b *testing.B) {
			set := noise(batch * stepsPerEpoch)
			want := firstLosses(b, cpuOneThread(b), set, batch)
			each(b, func(b *testing.B, dev backend.Backend) {
				compare(b, "loss", firstLosses(b, dev, set, batch), want, 1e-4)
				timeSteps(b, dev, set, batch, momentum)
			})
		})
	}
}

// BenchmarkAdam is BenchmarkStep with Adam in place of SGD, on the CPU.
func BenchmarkAdam(b *testing.B) {
	for _, batch := range []int{32, 256} {
		b.Run("batch-"+size(batch)+"/cpu-1-thread", func(b *testing.B) {
			timeSteps(b, cpuOneThread(b), noise(batch*stepsPerEpoch), batch, optim.Adam{})
		})
	}
}

func cpuOneThread(b *testing.B) backend.Backend {
	dev, err := cpu.OpenWith(cpu.Options{Threads: 1})
	must(b, err)
	b.Cleanup(func() { dev.Close() })
	return dev
}

// firstLosses trains three steps and returns their losses.
func firstLosses(b *testing.B, dev backend.Backend, set *data.Set, batch int) []float32 {
	m := seedModel(b, dev)
	defer m.Close()
	few, err := set.Slice(0, 3*batch)
	must(b, err)
	history, err := m.Fit(context.Background(), few, engine.Fit{BatchSize: batch})
	must(b, err)
	var losses []float32
	for _, l := range history.Epochs[0].StepLosses {
		losses = append(losses, float32(l))
	}
	return losses
}

func timeSteps(b *testing.B, dev backend.Backend, set *data.Set, batch int, optimizer optim.Optimizer) {
	m := seedModelWith(b, dev, optimizer)
	defer m.Close()
	cost, err := m.StepCost(batch)
	must(b, err)
	history, err := m.Fit(context.Background(), set, engine.Fit{Epochs: b.N + 1, BatchSize: batch}) // the first warms up
	must(b, err)
	var took time.Duration
	for _, e := range history.Epochs[1:] {
		took += e.Duration
	}
	report(b, b.N*stepsPerEpoch, took, cost)
}

// BenchmarkPredict times the seed network's inference, one batch of 256 examples a step.
func BenchmarkPredict(b *testing.B) {
	const batch = 256
	set := noise(batch * stepsPerEpoch)
	want := firstOutput(b, cpuOneThread(b), set)
	each(b, func(b *testing.B, dev backend.Backend) {
		compare(b, "output", firstOutput(b, dev, set), want, 1e-4)
		m := seedModel(b, dev)
		defer m.Close()
		b.ResetTimer()
		for range b.N {
			_, err := m.Evaluate(context.Background(), set)
			must(b, err)
		}
		b.StopTimer()
		report(b, b.N*stepsPerEpoch, b.Elapsed(), backend.Cost{FLOPs: 2 * batch * (784*300 + 300*100 + 100*10)})
	})
}

func firstOutput(b *testing.B, dev backend.Backend, set *data.Set) []float32 {
	m := seedModel(b, dev)
	defer m.Close()
	few, err := set.Slice(0, 1)
	must(b, err)
	rows, err := m.Predict(context.Background(), few)
	must(b, err)
	return rows[0]
}
