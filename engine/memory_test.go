package engine

import (
	"context"
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/cpu"
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/data"
	"github.com/gradus-ml/gradus/engine/loss"
	"github.com/gradus-ml/gradus/engine/nn"
	"github.com/gradus-ml/gradus/engine/optim"
)

// ledger is a device that counts what is allocated on it.
type ledger struct {
	backend.Backend
	bytes int64
}

func (d *ledger) Alloc(kind backend.Kind, n int) (backend.Buffer, error) {
	b, err := d.Backend.Alloc(kind, n)
	if err == nil {
		d.bytes += backend.Whole(b).Bytes()
	}
	return b, err
}

// What Memory says is what a Fit allocates, to the byte, less the clock of random numbers where there is nothing random.
func TestMemoryIsWhatIsAllocated(t *testing.T) {
	adam := smallTraining()
	adam.Optimizer = optim.Adam{LearningRate: 0.01}
	for name, row := range map[string]struct {
		training Training
		fit      Fit
		besides  float64 // bytes
	}{
		"momentum":      {smallTraining(), Fit{BatchSize: 10}, 0},
		"adam":          {adam, Fit{BatchSize: 7}, 0},
		"validation":    {adam, Fit{BatchSize: 8, Validation: blobs(19)}, 0},
		"micro-batches": {smallTraining(), Fit{BatchSize: 12, MicroBatch: 4}, 0},
		"traced":        {smallTraining(), Fit{BatchSize: 12, Callbacks: []Callback{TerminateOnNaN{}}}, 4},
	} {
		t.Run(name, func(t *testing.T) {
			inner, err := cpu.Open()
			require.NoError(t, err)
			defer inner.Close()
			dev := &ledger{Backend: inner}
			m, err := Compile(dev, small(), row.training)
			require.NoError(t, err)
			defer m.Close()
			dev.bytes = 0
			want, err := m.Memory(context.Background(), blobs(50), row.fit)
			require.NoError(t, err)
			assert.Zero(t, dev.bytes, "Memory allocates nothing on the device")
			variables := want.Parameters + want.Statistics + want.Gradients + want.Optimizer
			if row.fit.MicroBatch > 0 {
				variables -= want.Parameters // their sum
			}
			_, err = m.Fit(context.Background(), blobs(50), row.fit)
			require.NoError(t, err)
			assert.InDelta(t, want.Total()-variables, dev.bytes, row.besides, "%v", want)
		})
	}
}

// On the CPU, what Memory says is what the program grows by, but for what the backend keeps for itself.
func TestMemoryIsWhatTheProgramGrowsBy(t *testing.T) {
	dev, err := cpu.OpenWith(cpu.Options{Threads: 2}) // each has blocks of its own
	require.NoError(t, err)
	defer dev.Close()
	set := &data.Set{Shape: []int{600}, Floats: make([]float32, 6000*600), Labels: make([]int, 6000), Names: []string{"a", "b"}}
	training := Training{Loss: loss.SparseCategoricalCrossentropy{}, Optimizer: optim.Adam{}, Seed: 1}
	before := heap()
	m, err := Compile(dev, nn.Sequential(nn.Input(600), nn.Dense(800, nn.ReLU), nn.BatchNorm(), nn.Dense(500, nn.GELU), nn.Dense(2, nn.Softmax)), training)
	require.NoError(t, err)
	defer m.Close()
	fit := Fit{BatchSize: 1000}
	want, err := m.Memory(context.Background(), set, fit)
	require.NoError(t, err)
	require.Greater(t, want.Total(), int64(40<<20))
	tr, err := m.newTrainer(material{set: set}, material{}, fit.withDefaults(material{set: set}))
	require.NoError(t, err)
	defer tr.release()
	require.NoError(t, tr.pass.full.Run(1))
	require.NoError(t, dev.Sync())
	const packed = 10 << 20 // large products are packed in blocks, which the backend keeps for itself
	assert.InDelta(t, want.Total(), heap()-before, 0.05*float64(want.Total())+packed, "%v", want)
	runtime.KeepAlive(set)
}

func heap() int64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

func TestMemoryRefused(t *testing.T) {
	m := compileSmall(t, devices[0].open(t))
	_, err := m.Memory(context.Background(), blobs(5), Fit{BatchSize: 10})
	assert.ErrorContains(t, err, "engine: memory: batch size is 10")
	_, err = m.Memory(context.Background(), nil, Fit{})
	assert.Error(t, err)
	require.NoError(t, m.Close())
	_, err = m.Memory(context.Background(), blobs(5), Fit{})
	assert.ErrorContains(t, err, "closed")
	assert.Contains(t, m.Summary(), "Total params", "a closed model still has its layers")
}

func ExampleModel_Summary() {
	dev, err := cpu.Open()
	if err != nil {
		panic(err)
	}
	defer dev.Close()
	net := nn.Sequential(nn.Input(28, 28), nn.Flatten(), nn.BatchNorm(), nn.Dense(100, nn.ELU, nn.HeNormal), nn.BatchNorm(), nn.Dense(10, nn.Softmax))
	m, err := Compile(dev, net, Training{Loss: loss.SparseCategoricalCrossentropy{}, Optimizer: optim.SGD{LearningRate: 0.01, Momentum: 0.9}})
	if err != nil {
		panic(err)
	}
	defer m.Close()
	fmt.Print(m.Summary())
	// Output:
	// Model: "sequential"
	// ┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━┳━━━━━━━━━┳━━━━━━━━┓
	// ┃ Layer (type)                               ┃ Output Shape ┃ Param # ┃  FLOPs ┃
	// ┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━╇━━━━━━━━━╇━━━━━━━━┩
	// │ flatten (Flatten)                          │ (None, 784)  │       0 │      0 │
	// ├────────────────────────────────────────────┼──────────────┼─────────┼────────┤
	// │ batch_normalization (BatchNormalization)   │ (None, 784)  │   3,136 │ 3.14 K │
	// ├────────────────────────────────────────────┼──────────────┼─────────┼────────┤
	// │ dense (Dense)                              │ (None, 100)  │  78,500 │  157 K │
	// ├────────────────────────────────────────────┼──────────────┼─────────┼────────┤
	// │ batch_normalization_1 (BatchNormalization) │ (None, 100)  │     400 │    400 │
	// ├────────────────────────────────────────────┼──────────────┼─────────┼────────┤
	// │ dense_1 (Dense)                            │ (None, 10)   │   1,010 │ 2.06 K │
	// └────────────────────────────────────────────┴──────────────┴─────────┴────────┘
	//  Total params: 83,046 (324.40 KB)
	//  Trainable params: 81,278 (317.49 KB)
	//  Non-trainable params: 1,768 (6.91 KB)
	//  FLOPs of an example: 163 K in inference, 509 K in training
	//  Memory for batches of 32: parameters 318 KB + statistics 7.5 KB + gradients 318 KB + optimizer 318 KB + activations 502 KB = 1.43 MB
}

// A branching network keeps its last column, and FLOPs are counted by layer: those of the products are known.
func TestSummaryCountsFLOPs(t *testing.T) {
	a := nn.Input(5)
	shared := nn.Dense(5, nn.NoBias, nn.Name("shared"))
	m := compileNetwork(t, devices[0].open(t), nn.Functional([]*nn.Node{a}, nn.Merge(nn.Add(), a, a.To(shared, shared)).To(nn.Dense(3, nn.NoBias, nn.Softmax))), true)
	text := m.SummaryFor(7)
	assert.Regexp(t, `shared \(Dense\) +│ \(None, 5\) +│ +25 │ +100 │ input_layer, shared +│`, text) // 2 places · 2 · 5 · 5
	assert.Regexp(t, `add \(Add\) +│ \(None, 5\) +│ +0 │ +15 │ input_layer, shared +│`, text)
	assert.Regexp(t, `dense \(Dense\) +│ \(None, 3\) +│ +15 │ +45 │ add +│`, text) // 2 · 5 · 3, and 5 for each of the softmax
	assert.Contains(t, text, " FLOPs of an example: 160 in inference, ")
	assert.Contains(t, text, " Memory for batches of 7: ")
}
