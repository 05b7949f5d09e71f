package main

// updates are the kernels of optimizers and the plain arithmetic of vectors.
var updates = []element{
	{"exp", 0, false, func(e elements) { e.put(1, e.exp(e.in(0))) }},
	{"add", 0, false, func(e elements) { e.put(2, e.add(e.in(0), e.in(1))) }},
	{"scaleBytes", 1, true, scaleBytes},
	{"scale", 1, false, func(e elements) { e.put(1, e.mul(e.in(0), e.scalars[0])) }},
	{"clamp", 1, false, clamp},
	{"normalise", 0, false, normalise},
	{"descend", 2, false, descend},
	{"roll", 3, false, roll},
	{"nesterov", 3, false, nesterov},
	{"adam", 5, false, adam},
}

// scaleBytes: operand 1 ← bytes of operand 0 times the number; operand 2 is where the next bytes will come from, and is fetched ahead,
// since the processor cannot guess it.
func scaleBytes(e elements) {
	e.ahead(2)
	e.put(1, e.mul(e.bytes(0), e.scalars[0]))
}

// clamp: x ← min(max(x, −limit), limit); NaN stays NaN.
func clamp(e elements) {
	low := e.sub(e.number(0), e.scalars[0])
	e.put(0, e.min(e.scalars[0], e.max(low, e.in(0))))
}

// normalise: operand 1 ← (operand 0 − mean)·inv_std·gamma + beta, operands 2 to 5.
func normalise(e elements) {
	scaled := e.mul(e.sub(e.in(0), e.in(2)), e.in(3))
	e.put(1, e.fma(scaled, e.in(4), e.in(5)))
}

// descend: with rate and decay, w ← w − (decay·w + rate·g); the operands are w and g.
func descend(e elements) {
	w := e.in(0)
	e.put(0, e.sub(w, e.fma(w, e.scalars[1], e.mul(e.in(1), e.scalars[0]))))
}

// roll: with momentum, rate and decay, v ← momentum·v − rate·g, w ← w + (v − decay·w); the operands are w, g and v.
func roll(e elements) {
	next := e.fms(e.in(2), e.scalars[0], e.mul(e.in(1), e.scalars[1]))
	e.put(2, next)
	w := e.in(0)
	e.put(0, e.add(w, e.fnma(w, e.scalars[2], next)))
}

// nesterov: v as roll's, w ← w + (momentum·v − rate·g − decay·w).
func nesterov(e elements) {
	step := e.mul(e.in(1), e.scalars[1])
	next := e.fms(e.in(2), e.scalars[0], step)
	e.put(2, next)
	w := e.in(0)
	e.put(0, e.add(w, e.fnma(w, e.scalars[2], e.fms(next, e.scalars[0], step))))
}

// adam: with 1−β₁, 1−β₂, ε, a and b, m ← m + (1−β₁)(g−m), v ← v + (1−β₂)(g²−v), w ← w − b·w − a·m/(√v + ε); the operands are w, g,
// m and v.
func adam(e elements) {
	g, m, v := e.in(1), e.in(2), e.in(3)
	m = e.fma(e.sub(g, m), e.scalars[0], m)
	v = e.fma(e.fms(g, g, v), e.scalars[1], v)
	e.put(2, m)
	e.put(3, v)
	step := e.div(e.mul(m, e.scalars[3]), e.add(e.sqrt(v), e.scalars[2]))
	w := e.in(0)
	e.put(0, e.sub(w, e.fma(w, e.scalars[4], step)))
}
