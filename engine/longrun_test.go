package engine

import (
	"bytes"
	"context"
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/cpu"
	"github.com/gradus-ml/gradus/engine/backend/faulty"
	"github.com/gradus-ml/gradus/engine/data/fashion"
	"github.com/gradus-ml/gradus/engine/nn"
)

// seed is the network that speed and memory are measured on.
func seed() *nn.Network {
	return nn.Sequential(nn.Input(28, 28), nn.Flatten(), nn.BatchNorm(), nn.Dense(300, nn.ELU, nn.HeNormal), nn.BatchNorm(), nn.Dense(100, nn.ELU, nn.HeNormal),
		nn.BatchNorm(), nn.Dense(10, nn.Softmax))
}

// longRun tells how many steps a long run is: those of make long.
const longRun = "GRADUS_LONG_RUN"

// inMemory returns the bytes of the process that are in memory: RSS.
func inMemory(t *testing.T) int64 {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Skipf("NOT TESTED: the memory of a long run: %v", err)
	}
	pages, err := strconv.ParseInt(string(bytes.Fields(text)[1]), 10, 64)
	require.NoError(t, err)
	return pages * int64(os.Getpagesize())
}

// ofGo returns how many of these bytes are the Go runtime's, whose heap may double between two collections; the others are the program's and the driver's.
func ofGo() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.Sys - m.HeapReleased)
}

// A long run takes no more memory than a short one: neither of the process nor of the device. The growth that is allowed is that of the history,
// a rounding of the collector and what drivers keep for themselves.
func TestLongRun(t *testing.T) {
	steps := map[string]int{"cpu": 3000, "gpu": 60}
	if n, err := strconv.Atoi(os.Getenv(longRun)); err == nil {
		steps["cpu"], steps["gpu"] = n, n
	}
	train, _, err := fashion.Load("")
	require.NoError(t, err)
	for _, device := range real {
		t.Run(device.name, func(t *testing.T) {
			dev := faulty.Wrap(device.open(t))
			m, err := Compile(dev, seed(), smallTraining())
			require.NoError(t, err)
			defer m.Close()
			var rss []int64
			var goes [2]int64 // after the warm-up, at the end
			allocs, done, warm := 0, 0, steps[device.name]/3
			watch := StepFunc(func(_ *Model, s Steps) error {
				before := done
				done += len(s.Losses)
				if before < warm && done >= warm {
					allocs = dev.Count(faulty.Alloc)
					runtime.GC()
					goes[0] = ofGo()
				}
				if done >= warm {
					rss = append(rss, inMemory(t))
				}
				if done >= steps[device.name] {
					return Stop
				}
				return nil
			})
			start := time.Now()
			_, err = m.Fit(context.Background(), train, Fit{Epochs: 1 + steps[device.name]*32/train.Len(), Callbacks: []Callback{watch}})
			require.NoError(t, err)
			first, last, highest := rss[0], rss[len(rss)-1], rss[0]
			for _, v := range rss {
				highest = max(highest, v)
			}
			goes[1] = ofGo()
			const mib = 1 << 20
			t.Logf("%d steps in %v: %d MiB after %d steps (%d Go's), %d at the end (%d Go's), %d at most", done, time.Since(start).Round(time.Second),
				first/mib, warm, goes[0]/mib, last/mib, goes[1]/mib, highest/mib)
			assert.Less(t, highest-first, int64(24*mib))
			assert.Equal(t, allocs, dev.Count(faulty.Alloc), "buffers are made while compiling, never in a step")
		})
	}
}

// A step takes nothing of Go's heap on the CPU.
func TestStepAllocatesNothing(t *testing.T) {
	dev, err := cpu.Open()
	require.NoError(t, err)
	defer dev.Close()
	train, _, err := fashion.Load("")
	require.NoError(t, err)
	m, err := Compile(dev, seed(), smallTraining())
	require.NoError(t, err)
	defer m.Close()
	tr, err := m.newTrainer(material{set: train}, material{}, Fit{Epochs: 1, BatchSize: 32})
	require.NoError(t, err)
	defer tr.release()
	require.NoError(t, tr.lay())
	assert.Zero(t, testing.AllocsPerRun(50, func() { require.NoError(t, tr.pass.full.Run(1)) }))
}

// Whoever has trained and closed leaves no goroutine behind.
func TestCloseEndsGoroutines(t *testing.T) {
	for _, device := range real {
		t.Run(device.name, func(t *testing.T) {
			var before int
			for i := range 4 {
				t.Run("", func(t *testing.T) { // its cleanup closes the device
					dev := device.open(t)
					m, err := Compile(dev, small(), smallTraining())
					require.NoError(t, err)
					_, err = m.Fit(context.Background(), streamed(blobs(64), 8, 16), Fit{BatchSize: 8})
					require.NoError(t, err)
					require.NoError(t, m.Close())
				})
				if i == 0 {
					before = settled(0)
				}
			}
			assert.LessOrEqual(t, settled(before), before)
		})
	}
}

// settled waits until there are no more than so many goroutines, or a second, and counts them.
func settled(most int) int {
	for range 100 {
		if runtime.NumGoroutine() <= most {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	return runtime.NumGoroutine()
}
