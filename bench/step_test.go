package bench

import (
	"context"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/gradus-ml/gradus/cpu"
	"github.com/gradus-ml/gradus/engine"
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/data"
	"github.com/gradus-ml/gradus/engine/loss"
	"github.com/gradus-ml/gradus/engine/metric"
	"github.com/gradus-ml/gradus/engine/nn"
	"github.com/gradus-ml/gradus/engine/optim"
	"github.com/gradus-ml/gradus/engine/random"
)

// momentum is what the networks are trained with, if nothing else is said.
var momentum = optim.SGD{LearningRate: 0.01, Momentum: 0.9}

// training is the usual one with an optimizer.
func training(optimizer optim.Optimizer) engine.Training {
	return engine.Training{Loss: loss.SparseCategoricalCrossentropy{}, Optimizer: optimizer, Metrics: []metric.Metric{metric.Accuracy{}}, Seed: 42}
}

// seed is 784-300-100-10 with BatchNorm and ELU.
func seed() *nn.Network {
	return nn.Sequential(
		nn.Input(28, 28), nn.Flatten(), nn.BatchNorm(),
		nn.Dense(300, nn.ELU, nn.HeNormal), nn.BatchNorm(),
		nn.Dense(100, nn.ELU, nn.HeNormal), nn.BatchNorm(),
		nn.Dense(10, nn.Softmax),
	)
}

// deepSELU and deepBatchNorm have 20 hidden layers of 100 units, wide is 784-2048-2048-10.
func deepSELU() *nn.Network {
	return deep(func() []nn.Layer { return []nn.Layer{nn.Dense(100, nn.SELU, nn.LeCunNormal)} })
}

func deepBatchNorm() *nn.Network {
	return deep(func() []nn.Layer {
		return []nn.Layer{nn.Dense(100, nn.HeNormal, nn.NoBias), nn.BatchNorm(), nn.Activation(nn.ELU)}
	})
}

func deep(hidden func() []nn.Layer) *nn.Network {
	layers := []nn.Layer{nn.Input(28, 28), nn.Flatten()}
	for range 20 {
		layers = append(layers, hidden()...)
	}
	return nn.Sequential(append(layers, nn.Dense(10, nn.Softmax))...)
}

func wide() *nn.Network {
	return nn.Sequential(nn.Input(28, 28), nn.Flatten(), nn.Dense(2048, nn.ReLU, nn.HeNormal), nn.Dense(2048, nn.ReLU, nn.HeNormal), nn.Dense(10, nn.Softmax))
}

func compile(b *testing.B, dev backend.Backend, net *nn.Network, optimizer optim.Optimizer) *engine.Model {
	m, err := engine.Compile(dev, net, training(optimizer))
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

// stepsPerEpoch of the data set that is trained on, at least.
const stepsPerEpoch = 16

// epochSteps is how many steps are an epoch, at whose end every device is waited for: fewer where a step takes long.
func epochSteps(dev backend.Backend, batch int) int {
	if dev.Info().Software || batch > 256 {
		return stepsPerEpoch
	}
	return 4 * stepsPerEpoch
}

// steps are the training steps that are timed, by the network, the seed network without a name: gather, forward, loss, accuracy, gradients, update.
var steps = []struct {
	name    string
	network func() *nn.Network
	batches []int
}{
	{"", seed, []int{32, 256, 2048}},
	{"20x100-SELU/", deepSELU, []int{32}},
	{"20x100-BatchNorm/", deepBatchNorm, []int{32}},
	{"784-2048-2048-10/", wide, []int{32, 256}},
}

// BenchmarkStep times training steps. One iteration is an epoch of 16 or 64 steps; what is reported is per step.
func BenchmarkStep(b *testing.B) {
	for _, s := range steps {
		for _, batch := range s.batches {
			b.Run(fmt.Sprintf("%sbatch-%d", s.name, batch), func(b *testing.B) { eachStep(b, s.network, batch, momentum) })
		}
	}
}

// BenchmarkAdam is BenchmarkStep with Adam in place of SGD, for the seed network.
func BenchmarkAdam(b *testing.B) {
	for _, batch := range []int{32, 256} {
		b.Run(fmt.Sprintf("batch-%d", batch), func(b *testing.B) { eachStep(b, seed, batch, optim.Adam{}) })
	}
}

// BenchmarkClipped is BenchmarkStep with gradients that are clipped first, for the seed network: by value, and by the norm of all, which is within the
// limit or clipped in every step.
func BenchmarkClipped(b *testing.B) {
	for _, inner := range []optim.Optimizer{momentum, optim.Adam{}} {
		for _, how := range []struct {
			name string
			o    optim.Clipped
		}{{"value", optim.Clipped{Value: 0.01}}, {"norm", optim.Clipped{GlobalNorm: 0.01}}, {"within-the-norm", optim.Clipped{GlobalNorm: 1e6}}} {
			how.o.Optimizer = inner
			for _, batch := range []int{32, 256} {
				b.Run(fmt.Sprintf("%s-%s/batch-%d", inner.Name(), how.name, batch), func(b *testing.B) { eachStep(b, seed, batch, how.o) })
			}
		}
	}
}

func eachStep(b *testing.B, network func() *nn.Network, batch int, optimizer optim.Optimizer) {
	each(b, func(b *testing.B, dev backend.Backend) {
		set := noise(batch * epochSteps(dev, batch))
		m := compile(b, dev, network(), optimizer)
		defer m.Close()
		cost, err := m.StepCost(batch)
		must(b, err)
		notTooMuch(b, dev, float64(cost.FLOPs))
		verified(b, dev, network(), optimizer, set, batch)
		timeSteps(b, dev, m, set, batch)
	})
}

// verified compares every operation of a step of the batch size, or of 32 examples if that is less, with the float64 oracle, and the loss of the first step
// with that of one thread of the CPU.
func verified(b *testing.B, dev backend.Backend, net *nn.Network, optimizer optim.Optimizer, set *data.Set, batch int) {
	r, err := engine.Verify(context.Background(), backendtest.NewOracle(), dev, net, training(optimizer), set, engine.Verification{Steps: 1, BatchSize: min(batch, 32)})
	must(b, err)
	must(b, r.Err())
	got, flops := firstLoss(b, dev, net, optimizer, set, batch)
	want, _ := firstLoss(b, cpuOneThread(b), net, optimizer, set, batch)
	compare(b, "loss", []float32{got}, []float32{want}, 8*0x1p-23*math.Sqrt(flops/float64(batch)))
}

// firstLoss trains one step and returns its loss, and the arithmetic of the step.
func firstLoss(b *testing.B, dev backend.Backend, net *nn.Network, optimizer optim.Optimizer, set *data.Set, batch int) (float32, float64) {
	m := compile(b, dev, net, optimizer)
	defer m.Close()
	one, err := set.Slice(0, batch)
	must(b, err)
	history, err := m.Fit(context.Background(), one, engine.Fit{BatchSize: batch})
	must(b, err)
	cost, err := m.StepCost(batch)
	must(b, err)
	return float32(history.Epochs[0].StepLosses[0]), float64(cost.FLOPs)
}

func cpuOneThread(b *testing.B) backend.Backend {
	dev, err := cpu.OpenWith(cpu.Options{Threads: 1})
	must(b, err)
	b.Cleanup(func() { dev.Close() })
	return dev
}

// timeSteps trains epochs, after one in which the device is warmed up and what it needs is compiled.
func timeSteps(b *testing.B, dev backend.Backend, m *engine.Model, set *data.Set, batch int) {
	cost, err := m.StepCost(batch)
	must(b, err)
	_, err = m.Fit(context.Background(), set, engine.Fit{BatchSize: batch})
	must(b, err)
	b.ResetTimer()
	history, err := m.Fit(context.Background(), set, engine.Fit{Epochs: b.N + 1, BatchSize: batch}) // the first finds out how long a step takes
	b.StopTimer()
	must(b, err)
	var took time.Duration
	for _, e := range history.Epochs[1:] {
		took += e.Duration
	}
	report(b, dev, b.N*epochSteps(dev, batch), took, cost)
}
