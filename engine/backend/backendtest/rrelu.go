package backendtest

import (
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
	"github.com/gradus-ml/gradus/engine/random"
)

// uniform returns the number in [0, 1) that element i draws.
func uniform(n ops.Draw, i int) float64 {
	return float64(random.Unit(random.Draw(n.Seed, n.Stream, u32(n.Clock)[0], uint32(i/4))[i%4]))
}

func rrelu(o ops.RReLU) {
	x, y := f64(o.X), f64(o.Y)
	lower, upper := decimal(o.Lower), decimal(o.Upper)
	for i := range y {
		y[i] = choose(x[i] > 0, x[i], (lower+(upper-lower)*uniform(o.Draw, i))*x[i])
	}
}

func rreluGrad(o ops.RReLUGrad) {
	x, dy, dx := f64(o.X), f64(o.DY), f64(o.DX)
	lower, upper := decimal(o.Lower), decimal(o.Upper)
	for i := range dx {
		slope := choose(x[i] > 0, 1, lower+(upper-lower)*uniform(o.Draw, i))
		dx[i] = dy[i] * choose(math.IsNaN(x[i]), x[i], slope)
	}
}

func rreluCases() []Case {
	var cases []Case
	for i, n := range []int{1, 2, 3, 4, 5, 63, 64, 65, 1009, 1023, 1024, 1025, 4096, 300_007} {
		seed, stream, step := uint64(i)*0x9E3779B97F4A7C15, uint64(i)<<33+7, uint32(i)*0x31415927
		cases = append(cases, rreluCase(seed, stream, step, fmt.Sprint(n), n, func(in *Inputs) backend.Region { return in.Normal(n, -0.5, 2) })...)
	}
	const last = math.MaxUint32
	cases = append(cases, rreluCase(math.MaxUint64, math.MaxUint64, last, "of the last step", 9, func(in *Inputs) backend.Region { return in.Normal(9, -1, 1) })...)
	cases = append(cases, rreluCase(1, 2, 3, "extremes", len(extremes), func(in *Inputs) backend.Region { return in.Of(extremes...) })...)
	return append(cases, rreluCase(1, 2, 3, "NaN", 3, func(in *Inputs) backend.Region { return in.Of(1, float32(math.NaN()), -1) })...)
}

func rreluCase(seed, stream uint64, step uint32, name string, n int, x func(in *Inputs) backend.Region) []Case {
	draw := func(in *Inputs) ops.Draw { return ops.Draw{Seed: seed, Stream: stream, Clock: in.Indices(step)} }
	return []Case{
		{Name: "rrelu " + name, Build: one(func(in *Inputs) ops.RReLU {
			return ops.RReLU{X: x(in), Y: in.Result(n), Draw: draw(in), N: n, Lower: 0.125, Upper: 1.0 / 3}
		})},
		{Name: "rrelu_grad " + name, Build: one(func(in *Inputs) ops.RReLUGrad {
			return ops.RReLUGrad{X: x(in), DY: in.Normal(n, 0, 1), DX: in.Result(n), Draw: draw(in), N: n, Lower: 0.125, Upper: 1.0 / 3}
		})},
	}
}
