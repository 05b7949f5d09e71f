package engine

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/cpu"
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/data"
	"github.com/gradus-ml/gradus/engine/nn"
	"github.com/gradus-ml/gradus/engine/ops"
)

// child tells a process that it is to train and print the digest of what came of it.
const child = "GRADUS_TEST_REPEAT"

// digest is of every loss and value of a run with everything that is drawn at random: initial values, order, dropout.
func digest(t *testing.T, dev backend.Backend) string {
	net := nn.Sequential(nn.Input(4), nn.BatchNorm(), nn.Dense(64, nn.ELU, nn.HeNormal), nn.Dropout(0.2), nn.Dense(3, nn.Softmax))
	values, history := trainPlain(t, dev, net, Fit{Epochs: 3, BatchSize: 16})
	return fmt.Sprintf("%x", sha256.Sum256(fmt.Appendf(nil, "%v %v", values, history.Column("loss"))))
}

// The same seed gives the same bits in another process, and with another number of threads.
func TestRepeatInAnotherProcess(t *testing.T) {
	for _, device := range real {
		t.Run(device.name, func(t *testing.T) {
			own := digest(t, device.open(t))
			if os.Getenv(child) != "" {
				fmt.Printf("digest %s\n", own)
				return
			}
			cmd := exec.Command(os.Args[0], "-test.run", "^TestRepeatInAnotherProcess$/^"+device.name+"$")
			cmd.Env = append(os.Environ(), child+"=1")
			out, err := cmd.CombinedOutput()
			require.NoError(t, err, "%s", out)
			_, rest, found := strings.Cut(string(out), "digest ")
			require.True(t, found, "%s", out)
			assert.Equal(t, own, strings.Fields(rest)[0])
		})
	}
	if os.Getenv(child) != "" {
		return
	}
	for _, threads := range []int{1, 2, 5} {
		dev, err := cpu.OpenWith(cpu.Options{Threads: threads})
		require.NoError(t, err)
		one, err := cpu.OpenWith(cpu.Options{Threads: 1})
		require.NoError(t, err)
		assert.Equal(t, digest(t, one), digest(t, dev), "%d threads", threads)
		require.NoError(t, dev.Close())
		require.NoError(t, one.Close())
	}
}

// runIn trains two hundred steps, so many at once, and returns the digest of every loss and value.
func runIn(t *testing.T, dev backend.Backend, together int) string {
	m, err := Compile(dev, noisy(), noisyTraining())
	require.NoError(t, err)
	defer m.Close()
	const steps = 200
	tr, err := m.newTrainer(material{set: blobs(12 * steps)}, material{}, Fit{Epochs: 1, BatchSize: 12})
	require.NoError(t, err)
	defer tr.release()
	require.NoError(t, tr.lay())
	var losses []float64
	for done := 0; done < steps; done += together {
		rows, err := tr.pass.stretch(done, min(together, steps-done))
		require.NoError(t, err)
		losses = append(losses, rows...)
	}
	values, err := m.weights()
	require.NoError(t, err)
	return fmt.Sprintf("%x", sha256.Sum256(fmt.Appendf(nil, "%v %v", losses, values)))
}

// The same seed gives the same bits on a device, on another of its kind, and whether 1, 7 or 100 steps are run at once. (How many of them are a
// submission: TestSubmissionsDoNotMatter of kernels.)
func TestRepeat(t *testing.T) {
	for _, device := range real {
		t.Run(device.name, func(t *testing.T) {
			dev := device.open(t)
			want := runIn(t, dev, 1)
			for _, together := range []int{1, 7, 100} {
				assert.Equal(t, want, runIn(t, dev, together), "%d steps at once", together)
			}
			assert.Equal(t, want, runIn(t, device.open(t), 100), "another device")
		})
	}
	one, err := cpu.OpenWith(cpu.Options{Threads: 1})
	require.NoError(t, err)
	defer one.Close()
	two, err := cpu.OpenWith(cpu.Options{Threads: 2})
	require.NoError(t, err)
	defer two.Close()
	assert.Equal(t, runIn(t, one, 7), runIn(t, two, 7), "threads")
}

// drawn is everything that a seed decides: the values at first, the examples of three steps, which of their features a Dropout leaves.
type drawn struct {
	Values   nn.Weights
	Examples [][]float32
	Left     [][]float32
}

// draws returns what a device makes of a seed.
func draws(t *testing.T, dev backend.Backend) drawn {
	const features, rows = 8, 12
	set := &data.Set{Shape: []int{features}, Labels: make([]int, 100)}
	for i := range 100 * features {
		set.Floats = append(set.Floats, float32(1+i/features)) // an example is its number
	}
	net := nn.Sequential(nn.Input(features), nn.Dropout(0.5), nn.Dense(16, nn.HeNormal), nn.Dense(8, nn.Orthogonal(1)), nn.Dense(3, nn.Softmax))
	m, err := Compile(dev, net, smallTraining())
	require.NoError(t, err)
	defer m.Close()
	var d drawn
	d.Values, err = m.weights()
	require.NoError(t, err)
	tr, err := m.newTrainer(material{set: set}, material{}, Fit{Epochs: 1, BatchSize: rows})
	require.NoError(t, err)
	defer tr.release()
	require.NoError(t, tr.lay())
	for step := range 3 {
		_, err := tr.pass.stretch(step, 1)
		require.NoError(t, err)
		for _, op := range tr.pass.full.Ops() {
			switch op := op.(type) {
			case ops.Gather:
				d.Examples = append(d.Examples, contents(t, dev, op.Y))
			case ops.Noise:
				if !op.Gradient {
					d.Left = append(d.Left, contents(t, dev, op.Y))
				}
			}
		}
	}
	return d
}

func contents(t *testing.T, dev backend.Backend, r backend.Region) []float32 {
	values := make([]float32, r.Len)
	require.NoError(t, backend.Download(dev, values, r))
	return values
}

// Across backends, initial values, shuffles and dropout masks are the same to the bit.
func TestSeedsAgree(t *testing.T) {
	want := draws(t, backendtest.NewOracle())
	require.Len(t, want.Examples, 3)
	require.Len(t, want.Left, 3)
	left := 0
	for step, examples := range want.Examples {
		for i, v := range want.Left[step] {
			require.Contains(t, []float32{0, 2 * examples[i]}, v)
			if v > 0 {
				left++
			}
		}
	}
	assert.InDelta(t, 3*12*8/2, left, 60)
	assert.NotEqual(t, want.Left[0], want.Left[1])
	for _, device := range real {
		t.Run(device.name, func(t *testing.T) { assert.Equal(t, want, draws(t, device.open(t))) })
	}
}
