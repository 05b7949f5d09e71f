package ops

import (
	"fmt"

	"github.com/gradus-ml/gradus/engine/backend"
)

// AdaptiveKind is an optimizer that keeps something for each parameter and adapts its step to it.
type AdaptiveKind uint8

// The kinds, with gradient g, the kept values m and v, and the coefficients a, b and c of the step.
const (
	Adam     AdaptiveKind = iota // m ← m + (1−β₁)(g−m), v ← v + (1−β₂)(g²−v), w ← w − b·w − a·m/(√v + ε)
	AMSGrad                      // the same with u ← max(u, v) in place of v in the last
	Adamax                       // m as Adam's, v ← max(β₂·v, |g|), w ← w − a·m/(v + ε)
	Nadam                        // m and v as Adam's, w ← w − (b·m + a·g)/(√(c·v) + ε)
	RMSprop                      // v ← β₂·v + (1−β₂)·g², m ← β₁·m + a·g/√(v + ε), w ← w − m
	Adagrad                      // v ← v + g², w ← w − a·g/√(v + ε); m is not used
	Adadelta                     // v ← β₂·v + (1−β₂)·g², d = g·√(m + ε)/√(v + ε), m ← β₂·m + (1−β₂)·d², w ← w − a·d
	Lion                         // w ← w − b·w − a·sign(β₁·m + (1−β₁)·g), m ← β₂·m + (1−β₂)·g; v is not used
)

// adaptiveNames follow Keras; their order is that of the constants.
var adaptiveNames = []string{"adam", "amsgrad", "adamax", "nadam", "rmsprop", "adagrad", "adadelta", "lion"}

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

// Slots is how many values the kind keeps for each parameter: v, or m and v, or m, v and u.
func (k AdaptiveKind) Slots() int {
	if k == AMSGrad {
		return 3
	}
	return 2
}

// AdaptiveColumns is how many coefficients a step has: a, b and c.
const AdaptiveColumns = 3

// Adaptive updates all parameters by one of the adaptive optimizers. The coefficients of the step are the row
// min(clock, Steps−1) of Rates, [Steps×3]: learning rates with bias corrections and schedules, computed by the host in float64.
// Params, Grads, M, V and, for AMSGrad, U have N elements.
type Adaptive struct {
	Params, Grads, Rates, Clock, M, V, U backend.Region
	N, Steps                             int
	Kind                                 AdaptiveKind
	Beta1, Beta2, Epsilon                float32
}

// Name returns "adaptive".
func (Adaptive) Name() string { return "adaptive" }

// Check implements backend.Op.
func (o Adaptive) Check() error {
	c := checker{name: o.Name()}
	c.positive("n", o.N)
	c.positive("steps", o.Steps)
	if int(o.Kind) >= len(adaptiveNames) {
		c.fail("unknown kind %v", o.Kind)
	}
	c.within("beta 1", o.Beta1, 0, 1)
	c.within("beta 2", o.Beta2, 0, 1)
	c.within("epsilon", o.Epsilon, 0, 1)
	c.f32(o.N, named{"params", o.Params}, named{"grads", o.Grads}, named{"m", o.M}, named{"v", o.V})
	c.f32(o.Steps*AdaptiveColumns, named{"rates", o.Rates})
	c.clock(o.Clock)
	if o.Kind == AMSGrad {
		c.f32(o.N, named{"u", o.U})
	}
	return c.err
}

// Operands implements backend.Op.
func (o Adaptive) Operands() []backend.Operand {
	list := []backend.Operand{updates("params", o.Params), reads("grads", o.Grads), reads("rates", o.Rates), reads("clock", o.Clock),
		updates("m", o.M), updates("v", o.V)}
	if o.Kind == AMSGrad {
		list = append(list, updates("u", o.U))
	}
	return list
}

// Cost implements backend.Op.
func (o Adaptive) Cost() backend.Cost { return cost(o, 12*o.N) }
