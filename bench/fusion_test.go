package bench

import (
	"context"
	"slices"
	"testing"

	"github.com/gradus-ml/gradus/engine"
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/data"
	"github.com/gradus-ml/gradus/engine/optim"
	"github.com/gradus-ml/gradus/kernels"
)

// BenchmarkFusion times training steps of the seed network on the GPU, fused and one operation a dispatch, in turns: the median epoch of each.
func BenchmarkFusion(b *testing.B) {
	fused, err := kernels.OpenAny()
	if err != nil {
		b.Skipf("NOT TIMED: %v", err)
	}
	defer fused.Close()
	unfused, err := kernels.OpenWith(kernels.Options{Software: true, Unfused: true})
	must(b, err)
	defer unfused.Close()
	for _, batch := range []int{32, 256} {
		for _, optimizer := range []optim.Optimizer{momentum, optim.Adam{}} {
			b.Run("batch-"+size(batch)+"/"+optimizer.Name(), func(b *testing.B) {
				set := noise(batch * stepsPerEpoch)
				verified(b, fused, seed(), optimizer, set, batch)
				var with, without []float64
				for range 4 {
					with = append(with, epochs(b, fused, set, batch, optimizer)...)
					without = append(without, epochs(b, unfused, set, batch, optimizer)...)
				}
				b.ReportMetric(middle(with), "fused-steps/s")
				b.ReportMetric(middle(without), "unfused-steps/s")
				b.ReportMetric(middle(with)/middle(without), "ratio")
				b.ReportMetric(0, "ns/op")
			})
		}
	}
}

// epochs returns the steps per second of some epochs, after one that warms up.
func epochs(b *testing.B, dev backend.Backend, set *data.Set, batch int, optimizer optim.Optimizer) (rates []float64) {
	m := compile(b, dev, seed(), optimizer)
	defer m.Close()
	history, err := m.Fit(context.Background(), set, engine.Fit{Epochs: 2 + 256/batch, BatchSize: batch})
	must(b, err)
	for _, e := range history.Epochs[1:] {
		rates = append(rates, stepsPerEpoch/e.Duration.Seconds())
	}
	return rates
}

func middle(values []float64) float64 {
	slices.Sort(values)
	return values[len(values)/2]
}
