package backendtest

import (
	"fmt"
	"math"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/ops"
)

func adaptive(o ops.Adaptive) {
	row, factors := stepOf(o.Rates, ops.AdaptiveColumns), f64(o.Factors)
	b1, b2, e := 1-row[4], o.Beta2, decimal(o.Epsilon)
	m, v := f64(o.M), f64(o.V)
	for i, g := range f64(o.Grads) {
		rate, decay := factors[2*(i/ops.Block)], factors[2*(i/ops.Block)+1]*row[3]
		a, b, c := rate*row[0], rate*row[1], row[2]
		w := &f64(o.Params)[i]
		*w -= decay * *w
		switch o.Kind {
		case ops.Adam, ops.AMSGrad, ops.Nadam, ops.Lamb:
			m[i] += (1 - b1) * (g - m[i])
			v[i] += (1 - b2) * (g*g - v[i])
		case ops.Adamax:
			m[i] += (1 - b1) * (g - m[i])
			v[i] = math.Max(b2*v[i], math.Abs(g))
		case ops.RMSprop, ops.Adadelta:
			v[i] = b2*v[i] + (1-b2)*g*g
		case ops.Adagrad:
			v[i] += g * g
		}
		switch o.Kind {
		case ops.Adam:
			*w -= a * m[i] / (math.Sqrt(v[i]) + e)
		case ops.AMSGrad:
			u := f64(o.U)
			u[i] = math.Max(u[i], v[i])
			*w -= a * m[i] / (math.Sqrt(u[i]) + e)
		case ops.Adamax:
			*w -= a * m[i] / (v[i] + e)
		case ops.Nadam:
			*w -= (b*m[i] + a*g) / (math.Sqrt(c*v[i]) + e)
		case ops.RMSprop:
			m[i] = b1*m[i] + a*g/math.Sqrt(v[i]+e)
			*w -= m[i]
		case ops.Adagrad:
			*w -= a * g / math.Sqrt(v[i]+e)
		case ops.Adadelta:
			d := g * math.Sqrt(m[i]+e) / math.Sqrt(v[i]+e)
			m[i] = b2*m[i] + (1-b2)*d*d
			*w -= a * d
		case ops.Lion:
			s := b1*m[i] + (1-b1)*g
			*w -= a * (choose(s > 0, 1, 0) - choose(s < 0, 1, 0))
			m[i] = b2*m[i] + (1-b2)*g
		case ops.Lamb:
			f64(o.U)[i] = row[1] * m[i] / (math.Sqrt(c*v[i]) + e)
		}
	}
}

func adaptiveCases() []Case {
	var cases []Case
	for _, kind := range ops.AdaptiveKinds() {
		for _, n := range []int{1, 3, 63, 64, 65, 255, 256, 257, 1009, 1028} {
			cases = append(cases, adaptiveCase(kind, n))
		}
	}
	return append(cases, adaptiveCase(ops.Adam, 300_007))
}

// adaptiveCase makes five steps, two of them past the table of coefficients.
func adaptiveCase(kind ops.AdaptiveKind, n int) Case {
	return Case{Name: fmt.Sprintf("adaptive %v %d", kind, n), Terms: 5, Scale: 2, Times: 5, Build: func(in *Inputs) []backend.Op {
		op := ops.Adaptive{Params: in.small(n), Grads: in.away(n), M: in.Positive(n), V: in.Positive(n), Factors: in.factors(n),
			Rates: in.rates(6, 1, 0.5, 0.01, 1.5, 0.01, 0.1, 0.25, 0.02, 1.25, 0.02, 0.15, 0.125, 0.03, 1.125, 0.03, 0.05),
			N:     n, Kind: kind, Beta2: 0.99, Epsilon: 1e-3}
		if kind.Slots() == 3 {
			op.U = in.Positive(n)
		}
		return []backend.Op{op, ops.Advance{Clock: op.Rates.Clock}}
	}}
}

// away allocates n values of at least ½ in size, of either sign: Lion's sign must not hang on the last digit.
func (in *Inputs) away(n int) backend.Region {
	return in.Fill(n, func(i int) float64 { return (0.5 + float64(in.stream.Float32())) * float64(20*(i%2)-19) })
}
