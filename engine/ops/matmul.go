package ops

import "github.com/gradus-ml/gradus/engine/backend"

// MatMul computes a matrix product, C = A′·B′, in one of three forms:
//
//	A·B      A [M×K], B [K×N]   forward
//	Aᵀ·B     A [K×M], B [K×N]   gradient of the right factor; TransposeA
//	A·Bᵀ     A [M×K], B [N×K]   gradient of the left factor; TransposeB
//
// C is [M×N] and overwritten. The K products of one element are added in an order that depends on the
// sizes alone. Cost: 2·M·N·K.
type MatMul struct {
	A, B, C                backend.Region
	M, N, K                int
	TransposeA, TransposeB bool
}

// Name returns "matmul".
func (MatMul) Name() string { return "matmul" }

// Check implements backend.Op.
func (o MatMul) Check() error {
	c := checker{name: o.Name()}
	c.positive("m", o.M)
	c.positive("n", o.N)
	c.positive("k", o.K)
	c.product("m × k", o.M, o.K)
	c.product("k × n", o.K, o.N)
	c.product("m × n", o.M, o.N)
	if o.TransposeA && o.TransposeB {
		c.fail("both factors are transposed, want at most one")
	}
	c.f32(o.M*o.K, named{"a", o.A})
	c.f32(o.K*o.N, named{"b", o.B})
	c.f32(o.M*o.N, named{"c", o.C})
	return c.err
}

// Operands implements backend.Op.
func (o MatMul) Operands() []backend.Operand {
	return []backend.Operand{reads("a", o.A), reads("b", o.B), writes("c", o.C)}
}

// Cost implements backend.Op.
func (o MatMul) Cost() backend.Cost { return cost(o, 2*o.M*o.N*o.K) }
