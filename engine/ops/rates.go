package ops

import (
	"math"

	"github.com/gradus-ml/gradus/engine/backend"
)

// Rates is where an update finds the numbers of its step: Table is [Steps×Columns], the row min(clock, Steps−1) is the step's, and the
// coefficients of the operation begin at column First, so that several operations can share a table. Clock is one u32.
type Rates struct {
	Table, Clock          backend.Region
	Steps, Columns, First int
}

// check asks that the row has room for n coefficients.
func (r Rates) check(c *checker, n int) {
	c.positive("steps", r.Steps)
	c.positive("columns", r.Columns)
	c.product("steps × columns", r.Steps, r.Columns)
	if c.err == nil && (r.First < 0 || r.First > r.Columns-n) {
		c.fail("coefficients begin at column %d of %d, want room for %d", r.First, r.Columns, n)
	}
	c.f32(r.Steps*r.Columns, named{"rates", r.Table})
	c.clock(r.Clock)
}

func (r Rates) operands() []backend.Operand {
	return []backend.Operand{reads("rates", r.Table), reads("clock", r.Clock)}
}

// Block is how many neighbouring parameters share a row of Factors: variables begin at multiples of it.
const Block = 64

// FactorColumns is how many numbers a block has: the factor of its learning rate and that of its weight decay.
const FactorColumns = 2

// Factors returns the length of the table of factors for n parameters: [⌈n/Block⌉×FactorColumns]. An update multiplies what it
// takes off a parameter by the first factor of its block, but for the weight decay, which it multiplies by the second.
func Factors(n int) int { return FactorColumns * ((n + Block - 1) / Block) }

// fraction asks that a float64 option lies in [0, 1].
func (c *checker) fraction(what string, v float64) {
	if !(v >= 0 && v <= 1) {
		c.fail("%s is %v, want 0 to 1", what, v)
	}
}

// real asks that a float64 option is a number that float32 can hold.
func (c *checker) real(what string, v float64) {
	if !(math.Abs(v) <= math.MaxFloat32) {
		c.fail("%s is %v, want a finite number", what, v)
	}
}
