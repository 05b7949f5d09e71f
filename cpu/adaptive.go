package cpu

import (
	"math"

	"github.com/gradus-ml/gradus/engine/ops"
)

func adaptive(o ops.Adaptive) *job { return adapting(o).job() }

// adapting computes in float32, but for square roots, which Go takes in float64 and rounds right. Products that are added are converted to what they are,
// which keeps Go from fusing both on arm64, so that every machine gets the same bits.
func adapting(o ops.Adaptive) sweep {
	if o.Kind == ops.Adam && setOf(o.Params).vectorised() {
		return fastAdam(o)
	}
	step, factors, update := stepOf(o.Rates), f32(o.Factors), adaptation(o)
	return sweep{o.N, 6 * lone, func(from, to int) {
		row := step()
		for from < to {
			end, rate, decay := stretch(factors, from, to)
			update(coefficients{rate * row[0], rate * row[1], row[2], decay * row[3], 1 - row[4], row[4], row[1]}, from, end)
			from = end
		}
	}}
}

// coefficients are those of a step for some parameters: with the factors of their blocks, but for whole, which is b without.
type coefficients struct{ a, b, c, decay, beta1, rest1, whole float32 }

// fastAdam is Adam with a vector kernel.
func fastAdam(o ops.Adaptive) sweep {
	step, factors, set := stepOf(o.Rates), f32(o.Factors), setOf(o.Params)
	w, g, m, v := f32(o.Params), f32(o.Grads), f32(o.M), f32(o.V)
	c2 := float32(1 - o.Beta2)
	return sweep{o.N, 12, func(from, to int) {
		row := step()
		for from < to {
			end, rate, decay := stretch(factors, from, to)
			adam := vectors{set, adamKernel, [6]float32{row[4], c2, o.Epsilon, rate * row[0], decay * row[3]}}
			adam.elements(from, end, w, g, m, v)
			from = end
		}
	}}
}

func root(v float32) float32 { return float32(math.Sqrt(float64(v))) }

// adaptation returns the update of the kind, for a range of parameters.
func adaptation(o ops.Adaptive) func(r coefficients, from, to int) {
	w, g, m, v := f32(o.Params), f32(o.Grads), f32(o.M), f32(o.V)
	b2, c2, e := float32(o.Beta2), float32(1-o.Beta2), o.Epsilon
	switch o.Kind {
	case ops.Adam:
		return func(r coefficients, from, to int) {
			for i := from; i < to; i++ {
				m[i] += float32(r.rest1 * (g[i] - m[i]))
				v[i] += float32(c2 * (float32(g[i]*g[i]) - v[i]))
				w[i] -= float32(r.decay*w[i]) + r.a*m[i]/(root(v[i])+e)
			}
		}
	case ops.AMSGrad:
		u := f32(o.U)
		return func(r coefficients, from, to int) {
			for i := from; i < to; i++ {
				m[i] += float32(r.rest1 * (g[i] - m[i]))
				v[i] += float32(c2 * (float32(g[i]*g[i]) - v[i]))
				u[i] = max(u[i], v[i])
				w[i] -= float32(r.decay*w[i]) + r.a*m[i]/(root(u[i])+e)
			}
		}
	case ops.Adamax:
		return func(r coefficients, from, to int) {
			for i := from; i < to; i++ {
				m[i] += float32(r.rest1 * (g[i] - m[i]))
				v[i] = max(b2*v[i], float32(math.Abs(float64(g[i]))))
				w[i] -= float32(r.decay*w[i]) + r.a*m[i]/(v[i]+e)
			}
		}
	case ops.Lamb:
		u := f32(o.U)
		return func(r coefficients, from, to int) {
			for i := from; i < to; i++ {
				m[i] += float32(r.rest1 * (g[i] - m[i]))
				v[i] += float32(c2 * (float32(g[i]*g[i]) - v[i]))
				u[i] = r.whole * m[i] / (root(r.c*v[i]) + e)
				w[i] -= float32(r.decay * w[i])
			}
		}
	case ops.Nadam:
		return func(r coefficients, from, to int) {
			for i := from; i < to; i++ {
				m[i] += float32(r.rest1 * (g[i] - m[i]))
				v[i] += float32(c2 * (float32(g[i]*g[i]) - v[i]))
				w[i] -= float32(r.decay*w[i]) + (float32(r.b*m[i])+float32(r.a*g[i]))/(root(r.c*v[i])+e)
			}
		}
	}
	return otherAdaptation(o, c2)
}

// otherAdaptation returns the update of the kinds that are no relatives of Adam.
func otherAdaptation(o ops.Adaptive, c2 float32) func(r coefficients, from, to int) {
	w, g, m, v := f32(o.Params), f32(o.Grads), f32(o.M), f32(o.V)
	b2, e := float32(o.Beta2), o.Epsilon
	switch o.Kind {
	case ops.RMSprop:
		return func(r coefficients, from, to int) {
			for i := from; i < to; i++ {
				v[i] = float32(b2*v[i]) + float32(c2*g[i]*g[i])
				m[i] = float32(r.beta1*m[i]) + r.a*g[i]/root(v[i]+e)
				w[i] -= float32(r.decay*w[i]) + m[i]
			}
		}
	case ops.Adagrad:
		return func(r coefficients, from, to int) {
			for i := from; i < to; i++ {
				v[i] += float32(g[i] * g[i])
				w[i] -= float32(r.decay*w[i]) + r.a*g[i]/root(v[i]+e)
			}
		}
	case ops.Adadelta:
		return func(r coefficients, from, to int) {
			for i := from; i < to; i++ {
				v[i] = float32(b2*v[i]) + float32(c2*g[i]*g[i])
				d := g[i] * root(m[i]+e) / root(v[i]+e)
				m[i] = float32(b2*m[i]) + float32(c2*d*d)
				w[i] -= float32(r.decay*w[i]) + float32(r.a*d)
			}
		}
	}
	return func(r coefficients, from, to int) { // Lion
		for i := from; i < to; i++ {
			w[i] -= float32(r.decay*w[i]) + float32(r.a*sign(float32(r.beta1*m[i])+float32(r.rest1*g[i])))
			m[i] = float32(b2*m[i]) + float32(c2*g[i])
		}
	}
}
