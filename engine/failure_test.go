package engine

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/cpu"
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/backend/faulty"
	"github.com/gradus-ml/gradus/engine/nn"
	"github.com/gradus-ml/gradus/engine/optim"
)

// noisy is a network with everything that is drawn at random.
func noisy() *nn.Network {
	return nn.Sequential(nn.Input(4), nn.BatchNorm(), nn.Dense(16, nn.ELU, nn.HeNormal), nn.Dropout(0.2), nn.Dense(3, nn.Softmax))
}

func noisyTraining() Training {
	tr := smallTraining()
	tr.Optimizer = optim.Adam{LearningRate: 0.01}
	return tr
}

// whole is a Fit of five epochs of nine steps, the last of five examples.
func whole(more ...Callback) Fit {
	return Fit{Epochs: 5, BatchSize: 12, Validation: blobs(20), Callbacks: append([]Callback{&EarlyStopping{Patience: 9, RestoreBestWeights: true}}, more...)}
}

// during injects a fault when an epoch begins.
type during struct {
	dev   *faulty.Device
	epoch int
	fault faulty.Fault
}

func (d *during) EpochBegin(_ *Model, epoch int) error {
	if epoch == d.epoch {
		d.dev.Inject(d.fault)
		d.epoch = 0 // once
	}
	return nil
}

func openCPU(t testing.TB) backend.Backend {
	dev, err := cpu.Open()
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, dev.Close()) })
	return dev
}

// remains returns what a Fit leaves behind: all values, and the losses.
func remains(t *testing.T, m *Model, h *History) string {
	t.Helper()
	s, err := m.State()
	require.NoError(t, err)
	return fmt.Sprintf("%v %v %v %d %d %v", s.Values, s.Slots, s.Draws, s.Steps, s.Epochs, h.Column("val_loss"))
}

// faultsInEpoch are of a device in the third epoch, with what the error says.
var faultsInEpoch = []struct {
	name  string
	fault faulty.Fault
	text  string
}{
	{"write fails", faulty.Fault{Call: faulty.Write}, `^engine: fit: epoch 3: write number \d+: injected fault`},
	{"run fails", faulty.Fault{Call: faulty.Run, After: 2}, `^engine: fit: epoch 3: steps 3 to 3 of 9: run number \d+: injected fault`},
	{"read fails", faulty.Fault{Call: faulty.Read, After: 2}, `^engine: fit: epoch 3: steps 2 to 2 of 9: read number \d+: injected fault`},
	{"lost", faulty.Fault{Call: faulty.Run, After: 6, How: faulty.Lose}, `^engine: fit: epoch 3: steps 7 to 7 of 9: run number \d+: injected fault`},
	{"lost while reading", faulty.Fault{Call: faulty.Read, After: 7, How: faulty.Lose}, `^engine: fit: epoch 3: steps 4 to 4 of 9: read number \d+: injected fault`},
	{"a run dropped", faulty.Fault{Call: faulty.Run, After: 1, How: faulty.Drop}, `^engine: fit: epoch 3: steps 2 to 2 of 9: .* made 0 of 1 steps, and did not say so`},
	{"the smaller last run dropped", faulty.Fault{Call: faulty.Run, After: 8, How: faulty.Drop}, `^engine: fit: epoch 3: steps 9 to 9 of 9: .* did not say so`},
	{"validation lost", faulty.Fault{Call: faulty.Run, After: 9, How: faulty.Lose}, `^engine: fit: epoch 3: validation: steps 1 to 1 of 1: run number \d+: injected fault`},
}

// singly makes a Fit take one step at a time, so that it is known which call belongs to which step.
type singly struct{}

func (singly) RunBegin(m *Model, _ Fit) error { oneByOne(m); return nil }

// reference is what the same training leaves behind that nothing happens to.
func reference(t *testing.T) string {
	m, err := Compile(openCPU(t), noisy(), noisyTraining())
	require.NoError(t, err)
	h, err := m.Fit(context.Background(), blobs(101), whole())
	require.NoError(t, err)
	return remains(t, m, h)
}

// Whatever a device does in the midst of an epoch, the error says where, the caller has the last State, and that goes on to the same bits.
func TestFailure(t *testing.T) {
	want := reference(t)
	for _, row := range faultsInEpoch {
		for _, snapshot := range []int{0, 2} {
			t.Run(fmt.Sprintf("%s, snapshot %d", row.name, snapshot), func(t *testing.T) {
				dev := faulty.Wrap(openCPU(t))
				m, err := Compile(dev, noisy(), noisyTraining())
				require.NoError(t, err)
				fit := whole(&during{dev, 3, row.fault}, singly{})
				fit.Snapshot = snapshot
				h, err := m.Fit(context.Background(), blobs(101), fit)
				require.Error(t, err)
				require.Zero(t, dev.Pending())
				if snapshot == 0 {
					assert.Regexp(t, row.text, err.Error())
				}
				var f *Failure
				require.ErrorAs(t, err, &f)
				assert.True(t, f.Device)
				assert.Equal(t, 3, f.Epoch)
				assert.GreaterOrEqual(t, len(h.Epochs), 2)

				again, err := Compile(openCPU(t), noisy(), noisyTraining())
				require.NoError(t, err)
				require.NoError(t, again.SetState(f.State))
				h, err = again.Fit(context.Background(), blobs(101), whole())
				require.NoError(t, err)
				assert.Equal(t, want, remains(t, again, h))
			})
		}
	}
}

// With a fallback, the training goes on there and ends as if nothing had happened; on the GPU until then, it ends as a run on the CPU from that State.
func TestFallback(t *testing.T) {
	plainly := reference(t)
	for _, device := range real {
		healthy := device.open(t)
		for _, row := range faultsInEpoch {
			t.Run(device.name+" "+row.name, func(t *testing.T) {
				dev, fallback := faulty.Wrap(healthy), openCPU(t)
				m, err := Compile(dev, noisy(), noisyTraining())
				require.NoError(t, err)
				fit := whole(&during{dev, 3, row.fault}, singly{})
				fit.Fallback = fallback
				h, err := m.Fit(context.Background(), blobs(101), fit)
				require.NoError(t, err)
				assert.Equal(t, "cpu", m.Device().Name)
				require.Len(t, h.Failures, 1)
				assert.Regexp(t, row.text, h.Failures[0].Error())
				assert.Len(t, h.Epochs, 5)
				got := remains(t, m, h)

				again, err := Compile(openCPU(t), noisy(), noisyTraining())
				require.NoError(t, err)
				require.NoError(t, again.SetState(h.Failures[0].State))
				h, err = again.Fit(context.Background(), blobs(101), whole())
				require.NoError(t, err)
				assert.Equal(t, remains(t, again, h), got)
				if device.name == "cpu" {
					assert.Equal(t, plainly, got)
				}
				require.NoError(t, m.Close())
			})
		}
	}
}

// A fallback that fails too ends the Fit.
func TestFallbackFails(t *testing.T) {
	dev, second := faulty.Wrap(openCPU(t)), faulty.Wrap(openCPU(t))
	m, err := Compile(dev, noisy(), noisyTraining())
	require.NoError(t, err)
	fit := whole(&during{dev, 2, faulty.Fault{Call: faulty.Run, How: faulty.Lose}}, &during{second, 3, faulty.Fault{Call: faulty.Run, How: faulty.Lose}})
	fit.Fallback = second
	h, err := m.Fit(context.Background(), blobs(101), fit)
	var f *Failure
	require.ErrorAs(t, err, &f)
	assert.Equal(t, 3, f.Epoch)
	assert.Len(t, h.Failures, 1)

	dev, second = faulty.Wrap(openCPU(t)), faulty.Wrap(openCPU(t), faulty.Fault{Call: faulty.Alloc})
	m, err = Compile(dev, noisy(), noisyTraining())
	require.NoError(t, err)
	fit = whole(&during{dev, 2, faulty.Fault{Call: faulty.Run, How: faulty.Lose}})
	fit.Fallback = second
	_, err = m.Fit(context.Background(), blobs(101), fit)
	require.ErrorAs(t, err, &f)
	assert.ErrorContains(t, err, "engine: fallback: engine: compile")
}

// Numbers that are not finite are no State to go on from: the one before is kept. The device is not to blame, so nothing moves.
func TestFailureOfNumbers(t *testing.T) {
	dev := faulty.Wrap(openCPU(t), faulty.Fault{Call: faulty.Run, After: 1 << 30, How: faulty.Spoil, Operation: "matmul"})
	m, err := Compile(dev, noisy(), noisyTraining())
	require.NoError(t, err)
	fit := whole(TerminateOnNaN{}, &during{dev, 3, faulty.Fault{Call: faulty.Run, After: 4, How: faulty.Spoil, Operation: "matmul"}}, singly{})
	fit.Fallback, fit.Snapshot = openCPU(t), 3
	_, err = m.Fit(context.Background(), blobs(101), fit)
	var f *Failure
	require.ErrorAs(t, err, &f)
	assert.False(t, f.Device)
	assert.ErrorContains(t, err, "epoch 3")
	assert.ErrorContains(t, err, "step 4")
	assert.True(t, f.State.finite())
	assert.Equal(t, 2*9+3, f.State.Steps, "that of step 3 of the third epoch")

	dev.Inject(faulty.Fault{Call: faulty.Run, How: faulty.Spoil, Operation: "matmul"})
	m, err = Compile(dev, noisy(), noisyTraining())
	require.NoError(t, err)
	h, err := m.Fit(context.Background(), blobs(101), Fit{Epochs: 2})
	require.NoError(t, err, "who does not ask is not told, but for the loss")
	assert.True(t, math.IsNaN(h.Last().Scores["loss"]))
}

// Without a snapshot there is none, and no cost: nothing is read but the ledger and the clock.
func TestSnapshots(t *testing.T) {
	reads := func(snapshot int) int {
		dev := faulty.Wrap(openCPU(t))
		m, err := Compile(dev, noisy(), noisyTraining())
		require.NoError(t, err)
		before := dev.Count(faulty.Read)
		_, err = m.Fit(context.Background(), blobs(101), Fit{BatchSize: 12, Epochs: 2, Snapshot: snapshot, Callbacks: []Callback{singly{}}})
		require.NoError(t, err)
		return dev.Count(faulty.Read) - before
	}
	const steps, state = 2 * 9, 8 + 2*6 + 1 // of BatchNorm and two Dense; two of what is trained; the clock
	assert.Equal(t, 2*steps, reads(-1))
	assert.Equal(t, 2*steps+state*(1+2*2+2), reads(4), "at the beginning, after steps 4 and 8, and at the end, of each epoch")
	dev := faulty.Wrap(openCPU(t))
	m, err := Compile(dev, noisy(), noisyTraining())
	require.NoError(t, err)
	dev.Inject(faulty.Fault{Call: faulty.Run, After: 1, How: faulty.Lose})
	_, err = m.Fit(context.Background(), blobs(101), Fit{Snapshot: -1, Fallback: openCPU(t)})
	var f *Failure
	require.ErrorAs(t, err, &f)
	assert.Nil(t, f.State)
	assert.Equal(t, 1, f.Epoch)
}

// A Fit that its context ends is no failure.
func TestNoFailure(t *testing.T) {
	m, err := Compile(openCPU(t), noisy(), noisyTraining())
	require.NoError(t, err)
	ctx, stop := context.WithCancel(context.Background())
	_, err = m.Fit(ctx, blobs(101), whole(EpochFunc(func(*Model, Epoch) error { stop(); return nil })))
	require.ErrorIs(t, err, context.Canceled)
	var f *Failure
	assert.False(t, errors.As(err, &f))
	mine := errors.New("of a callback")
	_, err = m.Fit(context.Background(), blobs(101), whole(EpochFunc(func(*Model, Epoch) error { return mine })))
	require.ErrorAs(t, err, &f)
	assert.ErrorIs(t, err, mine)
	assert.False(t, f.Device)
}

// The device is lost on the way, and the training ends on the CPU.
func ExampleFit_fallback() {
	healthy, _ := cpu.Open()
	defer healthy.Close()
	fallback, _ := cpu.Open()
	defer fallback.Close()
	gpu := faulty.Wrap(healthy, faulty.Fault{Call: faulty.Run, After: 6, How: faulty.Lose}) // kernels.Open
	model, err := Compile(gpu, small(), smallTraining())
	if err != nil {
		panic(err)
	}
	defer model.Close()
	history, err := model.Fit(context.Background(), blobs(96), Fit{Epochs: 10, Fallback: fallback})
	if err != nil {
		panic(err)
	}
	fmt.Println(len(history.Epochs), "epochs,", len(history.Failures), "failure, now on", model.Device().Name)
	// Output: 10 epochs, 1 failure, now on cpu
}

// A device without memory is told of with what the training takes, and by what.
func TestOutOfMemory(t *testing.T) {
	dev := faulty.Wrap(backendtest.NewOracle())
	dev.Bound(3000)
	_, err := Compile(dev, small(), smallTraining())
	require.ErrorIs(t, err, backend.ErrOutOfMemory)
	assert.ErrorContains(t, err, "engine: compile: graph: placing")
	assert.ErrorContains(t, err, "; the training takes parameters 2 KB + statistics 1 KB + gradients 2 KB + optimizer 2 KB + activations ")
	dev = faulty.Wrap(backendtest.NewOracle())
	m, err := Compile(dev, small(), smallTraining())
	require.NoError(t, err)
	dev.Bound(2000)
	_, err = m.Fit(context.Background(), blobs(101), Fit{})
	require.ErrorIs(t, err, backend.ErrOutOfMemory)
	assert.ErrorContains(t, err, " + data 2.48 KB = ")
	dev.Bound(-1)
	_, err = m.Fit(context.Background(), blobs(101), Fit{})
	assert.NoError(t, err, "the model is as it was")
}
