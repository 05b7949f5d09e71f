package backendtest

import (
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

// descent is an update by gradient descent of n parameters.
func (in *Inputs) descent(n int, velocity, nesterov bool) ops.SGD {
	o := ops.SGD{Params: in.small(n), Grads: in.away(n), Factors: in.factors(n), N: n, Nesterov: nesterov,
		Rates: in.rates(5, 1, 0.5, 0.9, 0.01, 0.25, 0.8, 0.02, 0.125, 0.5, 0.03)}
	if velocity {
		o.Velocity = in.small(n)
	}
	return o
}

// normsSquared are sums of squares of gradients that are clipped to a norm of 0.75.
var normsSquared = map[string]float32{"norm": 4, "within the norm": 0.5, "norm NaN": float32(math.NaN()), "infinite norm": float32(math.Inf(1))}

// clip clips gradients of ½ to 1½ in size by value, which changes some of them, or by one of the norms, which changes all or none.
func (in *Inputs) clip(how string, grads backend.Region) ops.Clip {
	c := ops.Clip{Grads: grads, N: grads.Len, Limit: 0.75}
	if squares, ok := normsSquared[how]; ok {
		c.Norm, c.Squares = true, in.Of(squares)
	}
	return c
}

func clippedUpdateSequences() (list []Case) {
	add := func(name string, build func(in *Inputs) []backend.Op) {
		list = append(list, Case{Name: "clip by " + name, Terms: 6, Scale: 2, Build: build})
	}
	for _, how := range []string{"infinite norm", "norm", "norm NaN", "value", "within the norm"} {
		for _, n := range []int{1, 3, 64, 65, 257, 1028, 16_383, 16_384, 16_385, 70_001, 70_004} {
			if n != 257 && n != 1028 && how != "norm" && how != "value" {
				continue
			}
			add(fmt.Sprintf("%s, sgd %d", how, n), func(in *Inputs) []backend.Op {
				o := in.descent(n, false, false)
				return []backend.Op{in.clip(how, o.Grads), o}
			})
			add(fmt.Sprintf("%s, momentum %d", how, n), func(in *Inputs) []backend.Op {
				o := in.descent(n, true, n%2 == 0)
				return []backend.Op{in.clip(how, o.Grads), o}
			})
			add(fmt.Sprintf("%s, adam %d", how, n), func(in *Inputs) []backend.Op {
				o := adaptiveCase(ops.Adam, n).Build(in)[0].(ops.Adaptive)
				return []backend.Op{in.clip(how, o.Grads), o}
			})
		}
	}
	for _, kind := range ops.AdaptiveKinds()[1:] {
		for _, how := range []string{"norm", "value"} {
			for _, n := range []int{257, 1028} {
				add(fmt.Sprintf("%s, %v %d", how, kind, n), func(in *Inputs) []backend.Op {
					o := adaptiveCase(kind, n).Build(in)[0].(ops.Adaptive)
					return []backend.Op{in.clip(how, o.Grads), o}
				})
			}
		}
	}
	return append(list, clippedUpdateNeighbours()...)
}

// clippedUpdateNeighbours are clippings and updates with something between them or memory in common.
func clippedUpdateNeighbours() (list []Case) {
	const n, many = 260, 17_000 // many are more than one stretch of a sweep on the CPU
	for _, row := range []struct {
		name  string
		build func(in *Inputs, c ops.Clip, u ops.SGD) []backend.Op
	}{
		{"a stranger in between", func(in *Inputs, c ops.Clip, u ops.SGD) []backend.Op {
			return []backend.Op{c, ops.Accumulate{X: in.small(9), Y: in.small(9), N: 9}, u}
		}},
		{"the step's end in between", func(in *Inputs, c ops.Clip, u ops.SGD) []backend.Op {
			return []backend.Op{c, ops.Advance{Clock: u.Rates.Clock}, u}
		}},
		{"gradients read in between", func(in *Inputs, c ops.Clip, u ops.SGD) []backend.Op {
			return []backend.Op{c, ops.Accumulate{X: c.Grads, Y: in.small(n), N: n}, u}
		}},
		{"gradients changed in between", func(in *Inputs, c ops.Clip, u ops.SGD) []backend.Op {
			return []backend.Op{c, ops.Accumulate{X: in.small(n), Y: c.Grads, N: n}, u}
		}},
		{"squares changed in between", func(in *Inputs, c ops.Clip, u ops.SGD) []backend.Op {
			return []backend.Op{c, ops.Accumulate{X: in.Of(5), Y: c.Squares, N: 1}, u}
		}},
		{"clipped by value before", func(in *Inputs, c ops.Clip, u ops.SGD) []backend.Op {
			return []backend.Op{ops.Clip{Grads: c.Grads, N: n, Limit: 1}, ops.Penalty{X: c.Grads, Sum: c.Squares, N: n, L2: 1}, c, u}
		}},
		{"two updates", func(in *Inputs, c ops.Clip, u ops.SGD) []backend.Op {
			other := in.descent(n, false, false)
			other.Grads = u.Grads
			return []backend.Op{c, u, other}
		}},
		{"squares among the velocity", func(in *Inputs, c ops.Clip, u ops.SGD) []backend.Op {
			u = in.descent(many, true, false)
			c.Grads, c.N, c.Squares = u.Grads, many, backend.Region{Buffer: u.Velocity.Buffer, Offset: 64, Len: 1}
			return []backend.Op{ops.Penalty{X: c.Grads, Sum: c.Squares, N: many, L2: 1}, c, u}
		}},
		{"other gradients", func(in *Inputs, c ops.Clip, u ops.SGD) []backend.Op {
			c.Grads = in.small(n)
			return []backend.Op{c, u}
		}},
		{"some of the gradients", func(in *Inputs, c ops.Clip, u ops.SGD) []backend.Op {
			c.N, c.Grads.Len = n-64, n-64
			return []backend.Op{c, u}
		}},
	} {
		list = append(list, Case{Name: "clip, update: " + row.name, Terms: 300, Scale: 3, Build: func(in *Inputs) []backend.Op {
			u := in.descent(n, true, false)
			return row.build(in, in.clip("norm", u.Grads), u)
		}})
	}
	return list
}
