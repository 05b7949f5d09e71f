package ops

import (
	"fmt"

	"github.com/gradus-ml/gradus/engine/backend"
)

// AdaptiveKind is an optimizer that keeps something for each parameter and adapts its step to it.
type AdaptiveKind uint8

// The kinds, with gradient g, the kept values m, v and u, and the coefficients of the step: a, b, c and γ = 1 − β₁.
// What they call s is taken off the parameter.
const (
	Adam     AdaptiveKind = iota // m ← m + γ(g−m), v ← v + (1−β₂)(g²−v), s = a·m/(√v + ε)
	AMSGrad                      // the same with u ← max(u, v) in place of v in the last
	Adamax                       // m as Adam's, v ← max(β₂·v, |g|), s = a·m/(v + ε)
	Nadam                        // m and v as Adam's, s = (b·m + a·g)/(√(c·v) + ε)
	RMSprop                      // v ← β₂·v + (1−β₂)·g², m ← β₁·m + a·g/√(v + ε), s = m
	Adagrad                      // v ← v + g², s = a·g/√(v + ε); m is not used
	Adadelta                     // v ← β₂·v + (1−β₂)·g², d = g·√(m + ε)/√(v + ε), m ← β₂·m + (1−β₂)·d², s = a·d
	Lion                         // s = a·sign(β₁·m + γ·g), m ← β₂·m + (1−β₂)·g; v is not used
	Lamb                         // m and v as Adam's, u ← b·m/(√(c·v) + ε), s = 0: u is the direction, for Rescale and SGD
)

// adaptiveNames follow Keras; their order is that of the constants.
var adaptiveNames = []string{"adam", "amsgrad", "adamax", "nadam", "rmsprop", "adagrad", "adadelta", "lion", "lamb"}

// AdaptiveKinds lists every kind.
func AdaptiveKinds() []AdaptiveKind {
	list := make([]AdaptiveKind, len(adaptiveNames))
	for i := range list {
		list[i] = AdaptiveKind(i)
	}
	return list
}

// String returns Keras's name of the kind in lower case.
func (k AdaptiveKind) String() string {
	if int(k) < len(adaptiveNames) {
		return adaptiveNames[k]
	}
	return fmt.Sprintf("AdaptiveKind(%d)", uint8(k))
}

// Slots is how many values the kind keeps for each parameter: m and v, or m, v and u.
func (k AdaptiveKind) Slots() int {
	if k == AMSGrad || k == Lamb {
		return 3
	}
	return 2
}

// AdaptiveColumns is how many coefficients a step has: a, b, c, the weight decay δ, and γ = 1 − β₁.
const AdaptiveColumns = 5

// Adaptive updates all parameters by one of the adaptive optimizers: w ← w − ψ·δ·w − s, with s as the kind says, in which a and b
// are multiplied by φ (but for Lamb's b). φ and ψ are the factors of the parameter's block, see Factors. The coefficients are computed
// by the host in float64: learning rates with bias corrections and schedules; backends round 1 − Beta2 once.
// Params, Grads, M, V and, for kinds with three slots, U have N elements.
type Adaptive struct {
	Params, Grads, M, V, U, Factors backend.Region
	Rates                           Rates
	N                               int
	Kind                            AdaptiveKind
	Beta2                           float64
	Epsilon                         float32
}

// Name returns "adaptive".
func (Adaptive) Name() string { return "adaptive" }

// Check implements backend.Op.
func (o Adaptive) Check() error {
	c := checker{name: o.Name()}
	c.positive("n", o.N)
	if int(o.Kind) >= len(adaptiveNames) {
		c.fail("unknown kind %v", o.Kind)
	}
	c.fraction("beta 2", o.Beta2)
	c.within("epsilon", o.Epsilon, 0, 1)
	c.f32(o.N, named{"params", o.Params}, named{"grads", o.Grads}, named{"m", o.M}, named{"v", o.V})
	c.f32(Factors(o.N), named{"factors", o.Factors})
	o.Rates.check(&c, AdaptiveColumns)
	if o.Kind.Slots() == 3 {
		c.f32(o.N, named{"u", o.U})
	}
	return c.err
}

// Operands implements backend.Op.
func (o Adaptive) Operands() []backend.Operand {
	list := append([]backend.Operand{updates("params", o.Params), reads("grads", o.Grads)}, o.Rates.operands()...)
	list = append(list, reads("factors", o.Factors), updates("m", o.M), updates("v", o.V))
	if o.Kind.Slots() == 3 {
		list = append(list, updates("u", o.U))
	}
	return list
}

// Cost implements backend.Op.
func (o Adaptive) Cost() backend.Cost { return cost(o, 14*o.N) }
