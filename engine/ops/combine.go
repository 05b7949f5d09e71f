package ops

import (
	"fmt"

	"github.com/gradus-ml/gradus/engine/backend"
)

// Combination makes one number of two.
type Combination uint8

// The combinations. NaN in either gives NaN.
const (
	Sum     Combination = iota // WeightA·a + WeightB·b
	Product                    // a·b
	Maximum                    // the larger
	Minimum                    // the smaller
)

// combinationNames are in the order of the constants.
var combinationNames = []string{"sum", "product", "maximum", "minimum"}

// Combinations lists every combination.
func Combinations() []Combination {
	list := make([]Combination, len(combinationNames))
	for i := range list {
		list[i] = Combination(i)
	}
	return list
}

// String returns the combination's name in lower case.
func (k Combination) String() string {
	if int(k) < len(combinationNames) {
		return combinationNames[k]
	}
	return fmt.Sprintf("Combination(%d)", uint8(k))
}

// Combine applies a combination to each pair of elements: y = f(a, b). A, B and Y have N elements.
type Combine struct {
	A, B, Y          backend.Region
	N                int
	Combination      Combination
	WeightA, WeightB float32 // of a Sum
}

// Name returns "combine".
func (Combine) Name() string { return "combine" }

// Check implements backend.Op.
func (o Combine) Check() error {
	c := checker{name: o.Name()}
	c.positive("n", o.N)
	c.combination(o.Combination)
	c.finite("weight a", o.WeightA)
	c.finite("weight b", o.WeightB)
	c.f32(o.N, named{"a", o.A}, named{"b", o.B}, named{"y", o.Y})
	return c.err
}

// Operands implements backend.Op.
func (o Combine) Operands() []backend.Operand {
	return []backend.Operand{reads("a", o.A), reads("b", o.B), writes("y", o.Y)}
}

// Cost implements backend.Op.
func (o Combine) Cost() backend.Cost { return cost(o, 3*o.N) }

// CombineGrad is the gradient of Combine with respect to one of the two: dx = dy·∂f/∂a, or ∂f/∂b where Second is set. The gradient of a
// maximum or minimum goes to the one that was taken, of equals to a. A, B, DY and DX have N elements.
type CombineGrad struct {
	A, B, DY, DX backend.Region
	N            int
	Combination  Combination
	Weight       float32 // of a Sum: that of a, or of b
	Second       bool
}

// Name returns "combine_grad".
func (CombineGrad) Name() string { return "combine_grad" }

// Check implements backend.Op.
func (o CombineGrad) Check() error {
	c := checker{name: o.Name()}
	c.positive("n", o.N)
	c.combination(o.Combination)
	c.finite("weight", o.Weight)
	c.f32(o.N, named{"a", o.A}, named{"b", o.B}, named{"dy", o.DY}, named{"dx", o.DX})
	return c.err
}

// Operands implements backend.Op.
func (o CombineGrad) Operands() []backend.Operand {
	return []backend.Operand{reads("a", o.A), reads("b", o.B), reads("dy", o.DY), writes("dx", o.DX)}
}

// Cost implements backend.Op.
func (o CombineGrad) Cost() backend.Cost { return cost(o, 2*o.N) }

func (c *checker) combination(k Combination) {
	if int(k) >= len(combinationNames) {
		c.fail("unknown combination %v", k)
	}
}
