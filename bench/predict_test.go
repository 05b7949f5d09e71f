package bench

import (
	"context"
	"testing"

	"github.com/gradus-ml/gradus/engine/backend"
)

// BenchmarkPredict times the seed network's inference, 16 batches of 256 examples from the host and back, as it was trained and with its BatchNorm fused. One step is a
// batch.
func BenchmarkPredict(b *testing.B) {
	const batch = 256
	set := noise(batch * stepsPerEpoch)
	cost := backend.Cost{FLOPs: 2 * batch * (784*300 + 300*100 + 100*10)}
	for _, fused := range []bool{false, true} {
		name := map[bool]string{false: "as-trained", true: "fused"}[fused]
		b.Run(name, func(b *testing.B) {
			each(b, func(b *testing.B, dev backend.Backend) {
				m := compile(b, dev, seed(), momentum)
				defer m.Close()
				f, r, err := m.Fuse(context.Background(), set)
				must(b, err)
				defer f.Close()
				if !(r.MaxDifference < 1e-4) {
					b.Fatalf("fused outputs differ by %v: not timed", r.MaxDifference)
				}
				if fused {
					m = f
				}
				b.ResetTimer()
				for range b.N {
					_, err := m.Predict(context.Background(), set)
					must(b, err)
				}
				b.StopTimer()
				report(b, dev, b.N*stepsPerEpoch, b.Elapsed(), cost)
			})
		})
	}
}
