package bench

import (
	"testing"
	"time"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/ops"
	"github.com/gradus-ml/gradus/kernels"
)

// parameters is how many the arena of the seed network has.
const parameters = 269_312

// BenchmarkClippedUpdate times clipping and update over the arena of the seed network, in one pass and in two, in turns: the shortest of each.
// TestClippedUpdatesChangeNoBits, in cpu and kernels, holds that both give the same.
func BenchmarkClippedUpdate(b *testing.B) {
	for _, how := range []string{"value", "norm", "within-the-norm"} {
		for _, update := range []string{"momentum", "Adam"} {
			b.Run(update+"-"+how, func(b *testing.B) {
				each(b, func(b *testing.B, dev backend.Backend) {
					list := clippedUpdate(backendtest.NewInputs(b, dev, 1), how, update)
					one := programs(b, dev, list)
					other, two := inTwo(b, dev, list, how, update)
					fused, apart := time.Hour, time.Hour
					for range b.N {
						fused, apart = min(fused, runs(b, dev, one)), min(apart, runs(b, other, two))
					}
					b.ReportMetric(fused.Seconds()*1e6, "µs")
					b.ReportMetric(apart.Seconds()*1e6, "apart-µs")
					b.ReportMetric(apart.Seconds()/fused.Seconds(), "ratio")
					b.ReportMetric(0, "ns/op")
				})
			})
		}
	}
}

// inTwo returns programs that clip and update one after the other, and their device: of the GPU one program of a device that fuses nothing, since two
// would be two submissions. On the CPU both work on the same memory: where arenas happen to lie makes more of a difference than one pass or two.
func inTwo(b *testing.B, dev backend.Backend, list []backend.Op, how, update string) (backend.Backend, []backend.Program) {
	if dev.Info().Name != "gpu" {
		return dev, programs(b, dev, list[:1], list[1:])
	}
	other, err := kernels.OpenWith(kernels.Options{Software: true, Unfused: true})
	must(b, err)
	b.Cleanup(func() { other.Close() })
	return other, programs(b, other, clippedUpdate(backendtest.NewInputs(b, other, 1), how, update))
}

// clippedUpdate clips gradients so little that they do not vanish from run to run.
func clippedUpdate(in *backendtest.Inputs, how, update string) []backend.Op {
	const n = parameters
	c := ops.Clip{Grads: in.Normal(n, 0, 1), N: n, Limit: 0.5}
	if how != "value" {
		c.Norm, c.Squares = true, in.Of(map[string]float32{"norm": 0.25000012, "within-the-norm": 0.2}[how])
	}
	factors := in.Fill(ops.Factors(n), func(int) float64 { return 1 })
	if update == "momentum" {
		return []backend.Op{c, ops.SGD{Params: in.Normal(n, 0, 1), Grads: c.Grads, Velocity: in.Normal(n, 0, 1), Factors: factors, N: n,
			Rates: ops.Rates{Table: in.Of(1e-6, 0.9, 0), Clock: in.Indices(0), Steps: 1, Columns: 3}}}
	}
	return []backend.Op{c, ops.Adaptive{Params: in.Normal(n, 0, 1), Grads: c.Grads, M: in.Normal(n, 0, 1), V: in.Positive(n), Factors: factors, N: n,
		Rates: ops.Rates{Table: in.Of(1e-6, 1, 1, 0, 0.1), Clock: in.Indices(0), Steps: 1, Columns: 5}, Beta2: 0.999, Epsilon: 1e-7}}
}

func programs(b *testing.B, dev backend.Backend, lists ...[]backend.Op) (ps []backend.Program) {
	for _, list := range lists {
		p, err := dev.Compile(list)
		must(b, err)
		ps = append(ps, p)
	}
	return ps
}

// runs returns what a run of the programs, one after the other, takes in the mean of several.
func runs(b *testing.B, dev backend.Backend, ps []backend.Program) time.Duration {
	const times = 20
	must(b, dev.Sync())
	start := time.Now()
	for range times {
		for _, p := range ps {
			must(b, p.Run(1))
		}
	}
	must(b, dev.Sync())
	return time.Since(start) / times
}
