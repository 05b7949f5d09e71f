package main

// elementKernels lists the kernels over elements: activation functions, x to y, and their gradients, x and dy to dx; then the others.
func elementKernels() []element {
	var list []element
	for _, c := range curves {
		list = append(list, element{c.name, c.scalars, false, func(e elements) { e.put(1, c.f(e, e.in(0))) }},
			element{c.name + "Grad", c.scalars, false, func(e elements) {
				x := e.in(0)
				e.put(2, e.mul(c.slope(e, x), e.in(1)))
			}})
	}
	return append(list, updates...)
}

// curve is an activation function and its slope. Where x is NaN, so are both.
type curve struct {
	name     string
	scalars  int
	f, slope func(e elements, x value) value
}

// curves use alpha, beta, gamma and 1/alpha, in this order, as far as they name them.
var curves = []curve{
	{"relu", 3, relu, reluSlope},
	{"elu", 1, func(e elements, x value) value { return e.elu(x, e.scalars[0]) }, func(e elements, x value) value { return e.eluSlope(x, e.scalars[0]) }},
	{"selu", 0, func(e elements, x value) value { return e.mul(e.elu(x, e.number(seluAlpha)), e.number(seluScale)) },
		func(e elements, x value) value { return e.mul(e.eluSlope(x, e.number(seluAlpha)), e.number(seluScale)) }},
	{"celu", 4, celu, celuSlope},
	{"sigmoid", 0, func(e elements, x value) value { return e.sigmoid(x) }, func(e elements, x value) value { return e.bell(x) }},
	{"tanh", 0, tanh, sech2},
	{"silu", 1, func(e elements, x value) value { return e.mul(x, e.sigmoid(e.mul(x, e.scalars[0]))) }, siluSlope},
	{"gelu", 0, func(e elements, x value) value { phi, _ := e.normal(x); return e.mul(x, phi) }, geluSlope},
	{"geluTanh", 0, func(e elements, x value) value { v, _ := e.bend(x); return e.mul(x, e.sigmoid(v)) }, geluTanhSlope},
	{"softsign", 0, func(e elements, x value) value { return e.div(x, e.add(e.abs(x), e.number(1))) }, softsignSlope},
}

const (
	seluAlpha = 1.67326324
	seluScale = 1.05070098
)

func relu(e elements, x value) value {
	alpha, beta, gamma := e.scalars[0], e.scalars[1], e.scalars[2]
	low := e.choose(x, greater, gamma, x, e.mul(alpha, e.sub(x, gamma)))
	return e.choose(x, atLeast, beta, beta, low)
}

func reluSlope(e elements, x value) value {
	low := e.choose(x, greater, e.scalars[2], e.number(1), e.scalars[0])
	return e.choose(x, unordered, x, x, e.choose(x, atLeast, e.scalars[1], e.number(0), low))
}

// elu is max(x, 0) + alpha·(e^min(x, 0) − 1).
func (e elements) elu(x, alpha value) value {
	zero := e.loaded(e.number(0))
	return e.fma(e.expm1Below(e.min(zero, x)), alpha, e.max(zero, x))
}

func (e elements) eluSlope(x, alpha value) value {
	zero := e.loaded(e.number(0))
	return e.choose(x, greater, zero, e.number(1), e.mul(e.expBelow(e.min(zero, x)), alpha))
}

func celu(e elements, x value) value {
	zero := e.loaded(e.number(0))
	return e.fma(e.expm1Below(e.mul(e.min(zero, x), e.scalars[3])), e.scalars[0], e.max(zero, x))
}

func celuSlope(e elements, x value) value {
	return e.expBelow(e.mul(e.min(e.number(0), x), e.scalars[3]))
}

// sigmoid is 1/(1 + e⁻ˣ).
func (e elements) sigmoid(x value) value {
	return e.div(e.number(1), e.add(e.exp(e.sub(e.number(0), x)), e.number(1)))
}

// logistic returns, with t = e^−|x|: 1/(1 + t), and σ(x)·σ(−x) = t/(1 + t)², which does not cancel.
func (e elements) logistic(x value) (large, product value) {
	t := e.expBelow(e.sub(e.number(0), e.abs(x)))
	large = e.div(e.number(1), e.add(t, e.number(1)))
	return large, e.mul(e.mul(large, large), t)
}

// bell is σ(x)·σ(−x).
func (e elements) bell(x value) value {
	_, product := e.logistic(x)
	return product
}

// tanh of |x| is −t/(t + 2) with t = e^(−2|x|) − 1.
func tanh(e elements, x value) value {
	t := e.expm1Below(e.mul(e.abs(x), e.number(-2)))
	return e.signed(e.abs(e.div(t, e.add(t, e.number(2)))), x)
}

// sech2 is 4·σ(2x)·σ(−2x).
func sech2(e elements, x value) value { return e.mul(e.bell(e.add(x, x)), e.number(4)) }

// siluSlope is σ(v) + v·σ(v)·σ(−v) with v = alpha·x.
func siluSlope(e elements, x value) value {
	v := e.mul(x, e.scalars[0])
	return e.sloped(v, v)
}

// sloped is σ(v) + w·σ(v)·σ(−v).
func (e elements) sloped(v, w value) value {
	large, product := e.logistic(v)
	small := e.sub(e.number(1), large)
	return e.fma(w, product, e.choose(v, less, e.number(0), small, large))
}

// bend returns 2·√(2/π)·(x + 0.044715·x³) and its slope.
func (e elements) bend(x value) (v, slope value) {
	const scale = 2 * 0.7978845608028654
	square := e.mul(x, x)
	v = e.mul(x, e.fma(square, e.number(scale*0.044715), e.loaded(e.number(scale))))
	return v, e.fma(square, e.number(3*scale*0.044715), e.loaded(e.number(scale)))
}

// geluTanhSlope is σ(v) + x·v′·σ(v)·σ(−v).
func geluTanhSlope(e elements, x value) value {
	v, slope := e.bend(x)
	return e.sloped(v, e.mul(x, slope))
}

// normal returns Φ(x) and e^(−x²/2), by erfc(z) = t·(a₁ + … + a₅t⁴)·e^(−z²), t = 1/(1 + 0.3275911·z), z = |x|/√2, whose error is
// below 1.5e-7 (Abramowitz and Stegun, 7.1.26).
func (e elements) normal(x value) (phi, density value) {
	z := e.mul(e.abs(x), e.number(0.7071067811865476))
	density = e.expBelow(e.mul(e.mul(x, x), e.number(-0.5)))
	t := e.div(e.number(1), e.fma(z, e.number(0.3275911), e.loaded(e.number(1))))
	p := e.fma(t, e.number(1.061405429/2), e.loaded(e.number(-1.453152027/2)))
	for _, a := range []float64{1.421413741 / 2, -0.284496736 / 2, 0.254829592 / 2} {
		p = e.fma(p, t, e.number(a))
	}
	tail := e.mul(e.mul(p, t), density)
	return e.choose(x, less, e.number(0), tail, e.sub(e.number(1), tail)), density
}

func geluSlope(e elements, x value) value {
	phi, density := e.normal(x)
	return e.fma(e.mul(x, density), e.number(0.3989422804014327), phi)
}

func softsignSlope(e elements, x value) value {
	d := e.add(e.abs(x), e.number(1))
	return e.div(e.number(1), e.mul(d, d))
}
