package bench

import (
	"testing"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

// BenchmarkDispatch times operations that do next to nothing, 1000 in a program: what any operation takes at least.
func BenchmarkDispatch(b *testing.B) {
	const many = 1000
	each(b, func(b *testing.B, dev backend.Backend) {
		clock, err := backend.New(dev, []uint32{0})
		must(b, err)
		var list []backend.Op
		for range many {
			list = append(list, ops.Advance{Clock: clock})
		}
		p, err := dev.Compile(list)
		must(b, err)
		defer p.Release()
		must(b, p.Run(1))
		count := make([]uint32, 1)
		if must(b, backend.Download(dev, count, clock)); count[0] != many {
			b.Fatalf("the clock is %d after %d operations: not timed", count[0], many)
		}
		b.ResetTimer()
		must(b, p.Run(b.N))
		must(b, dev.Sync())
		b.StopTimer()
		b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*many), "us/operation")
		b.ReportMetric(0, "ns/op")
	})
}
