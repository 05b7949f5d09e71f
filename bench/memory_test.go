package bench

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"testing"

	"github.com/gradus-ml/gradus/engine"
	"github.com/gradus-ml/gradus/engine/backend"
)

// BenchmarkMemory trains the seed network for 10,000 steps (1,000 on a software driver) and tells what memory it takes after a tenth of them, and
// how much more in the end: of the process as the system sees it, of Go's heap, and of the device's buffers.
func BenchmarkMemory(b *testing.B) {
	const batch = 32
	set := noise(batch * stepsPerEpoch)
	each(b, func(b *testing.B, dev backend.Backend) {
		total := 10_000
		if dev.Info().Software && os.Getenv("GRADUS_BENCH") != "all" {
			total = 1_000
		}
		counted := &counting{Backend: dev}
		m := compile(b, counted, seed(), momentum)
		defer m.Close()
		var first, last taken
		epochs := total / stepsPerEpoch
		_, err := m.Fit(context.Background(), set, engine.Fit{Epochs: epochs, BatchSize: batch, Callbacks: []engine.Callback{
			engine.EpochFunc(func(_ *engine.Model, e engine.Epoch) error {
				switch e.Number {
				case epochs / 10:
					first = counted.taken(b)
				case epochs:
					last = counted.taken(b)
				}
				return nil
			}),
		}})
		must(b, err)
		for what, mb := range map[string][2]float64{"RSS": {first.process, last.process}, "heap": {first.heap, last.heap}, "buffers": {first.buffers, last.buffers}} {
			b.ReportMetric(mb[0], what+"-MB")
			b.ReportMetric(mb[1]-mb[0], what+"-growth-MB")
		}
		b.ReportMetric(float64(epochs*stepsPerEpoch), "steps")
		b.ReportMetric(0, "ns/op")
	})
}

// taken is memory in use, in 10⁶ bytes.
type taken struct{ process, heap, buffers float64 }

// counting is a device that counts the bytes of the buffers that were asked for.
type counting struct {
	backend.Backend
	bytes int64
}

// Alloc implements backend.Backend.
func (c *counting) Alloc(kind backend.Kind, n int) (backend.Buffer, error) {
	buffer, err := c.Backend.Alloc(kind, n)
	if err == nil {
		c.bytes += int64(n * kind.Size())
	}
	return buffer, err
}

func (c *counting) taken(b *testing.B) taken {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return taken{residentSet(b), float64(m.HeapAlloc) / 1e6, float64(c.bytes) / 1e6}
}

// residentSet is what Linux says; 0 elsewhere.
func residentSet(b *testing.B) float64 {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	var size, resident int
	_, err = fmt.Sscan(string(text), &size, &resident)
	must(b, err)
	return float64(resident*os.Getpagesize()) / 1e6
}
