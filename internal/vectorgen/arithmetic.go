package main

import (
	"fmt"
	"math"
)

// number is a constant in every lane.
func (b *block) number(v float64) value { return b.word(math.Float32bits(float32(v))) }

// word is a constant by its bits.
func (b *block) word(bits uint32) value {
	if register, ok := b.kept[bits]; ok {
		return value{fixed: register}
	}
	if b.neon() {
		b.want(bits)
	}
	return b.constants.of(bits)
}

// loaded returns v in a register.
func (b *block) loaded(v value) value {
	switch {
	case !v.isConstant():
		return v
	case b.neon():
		return b.emit("LoadQ %d "+constantsRegister+" %0", -1, v)
	}
	return b.emit("VMOVUPS %0, %d", -1, v)
}

// binary is x op y. Of the two, min and max return y where either is NaN.
func (b *block) binary(op string, x, y value) value {
	if b.neon() {
		return b.emit(neonNames[op]+" %d %0 %1", -1, b.loaded(x), b.loaded(y))
	}
	return b.emit(op+" %1, %0, %d", -1, b.loaded(x), y)
}

func (b *block) add(x, y value) value { return b.binary("VADDPS", x, y) }
func (b *block) sub(x, y value) value { return b.binary("VSUBPS", x, y) }
func (b *block) mul(x, y value) value { return b.binary("VMULPS", x, y) }
func (b *block) div(x, y value) value { return b.binary("VDIVPS", x, y) }
func (b *block) and(x, y value) value { return b.binary("VANDPS", x, y) }
func (b *block) or(x, y value) value  { return b.binary("VORPS", x, y) }

func (b *block) sqrt(x value) value {
	if b.neon() {
		return b.emit("FSQRT %d %0", -1, b.loaded(x))
	}
	return b.emit("VSQRTPS %0, %d", -1, x)
}

// min is y unless x is less, max y unless x is greater: y where either is NaN or both are zeros.
func (b *block) min(x, y value) value {
	if b.neon() {
		return b.extreme(x, less, y)
	}
	return b.binary("VMINPS", x, y)
}

func (b *block) max(x, y value) value {
	if b.neon() {
		return b.extreme(x, greater, y)
	}
	return b.binary("VMAXPS", x, y)
}

// fma is x·y + z, rounded once.
func (b *block) fma(x, y, z value) value { return b.fused("VFMADD", x, y, z) }

// fnma is z − x·y, rounded once.
func (b *block) fnma(x, y, z value) value { return b.fused("VFNMADD", x, y, z) }

// fms is x·y − z, rounded once.
func (b *block) fms(x, y, z value) value { return b.fused("VFMSUB", x, y, z) }

func (b *block) fused(op string, x, y, z value) value {
	if b.neon() {
		return b.neonFused(op, x, y, z)
	}
	if x.isConstant() {
		x, y = y, x
	}
	if z.isConstant() {
		return b.emit(op+"213PS %2, %1, %d", 0, b.loaded(x), b.loaded(y), z)
	}
	return b.emit(op+"231PS %1, %0, %d", 2, b.loaded(x), y, z)
}

// set copies v to a held register.
func (b *block) set(held, v value) { b.do(b.copying("%0", held.fixed), v) }

// copying is the instruction that copies a register.
func (b *block) copying(from, to string) string {
	if b.neon() {
		return fmt.Sprintf("ORR %s %s %s", to, from, from)
	}
	return fmt.Sprintf("VMOVUPS %s, %s", from, to)
}

// accumulate adds v to a held register.
func (b *block) accumulate(held, v value) {
	if b.neon() {
		b.do(fmt.Sprintf("FADD %[1]s %[1]s %%0", held.fixed), v)
		return
	}
	b.do(fmt.Sprintf("VADDPS %%0, %s, %s", held.fixed, held.fixed), v)
}

// accumulateProduct adds x·y to a held register, rounded once.
func (b *block) accumulateProduct(held, x, y value) {
	if b.neon() {
		b.do("FMLA "+held.fixed+" %0 %1", b.loaded(x), b.loaded(y))
		return
	}
	b.do("VFMADD231PS %1, %0, "+held.fixed, b.loaded(x), y)
}

// A relation compares two values; all but unordered are false where either is NaN.
type relation int

const (
	greater   relation = 0x1e
	atLeast   relation = 0x1d
	less      relation = 0x11
	unordered relation = 0x03
)

// choose is yes where x stands in the relation to y, elsewhere no.
func (b *block) choose(x value, r relation, y, yes, no value) value {
	if b.neon() {
		return b.neonChoose(x, r, y, yes, no)
	}
	if b.wide() {
		return b.emit(fmt.Sprintf("VCMPPS $%d, %%1, %%0, K2\n\tVBLENDMPS %%2, %%3, K2, %%d", r), -1, b.loaded(x), y, yes, b.loaded(no))
	}
	return b.emit(fmt.Sprintf("VCMPPS $%d, %%1, %%0, Y14\n\tVBLENDVPS Y14, %%2, %%3, %%d", r), -1, b.loaded(x), y, yes, b.loaded(no))
}

func (b *block) abs(x value) value { return b.and(x, b.word(0x7fffffff)) }

// signed has the size of v and the sign of x.
func (b *block) signed(v, x value) value { return b.or(b.and(x, b.word(0x80000000)), v) }

// powers of e for x of at least −87 and at most 88: with k = ⌊x/ln 2⌉ and r = x − k·ln 2, |r| ≤ ln 2/2, it returns 2ᵏ and eʳ − 1, the latter
// by a minimax polynomial of degree 7 (Cephes, expf), its terms in pairs so that they need not wait for each other. NaN stays NaN.
func (b *block) powers(x value) (scale, rest value) {
	const roundToInteger = 12582912 // 1.5·2²³: adding it leaves the integer in the low bits
	t := b.fma(x, b.number(math.Log2E), b.number(roundToInteger))
	k := b.sub(t, b.number(roundToInteger))
	r := b.fma(k, b.number(-0.693359375), x)
	r = b.fma(k, b.number(2.12194440e-4), r)
	square := b.mul(r, r)
	pair := func(high, low float64) value { return b.fma(r, b.number(high), b.number(low)) }
	p := b.fma(pair(1.9875691500e-4, 1.3981999507e-3), square, pair(8.3334519073e-3, 4.1665795894e-2))
	p = b.fma(p, square, pair(1.6666665459e-1, 5.0000001201e-1))
	rest = b.fma(square, p, r)
	return b.binary("VPADDD", b.exponent(t), b.word(0x3f800000)), rest
}

// exponent moves the low bits of an integer to where a number has its exponent.
func (b *block) exponent(x value) value {
	if b.neon() {
		return b.emit("SHL23 %d %0", -1, x)
	}
	return b.emit("VPSLLD $23, %0, %d", -1, x)
}

// exp is eˣ; beyond −87 and 88 it is that of the nearer one.
func (b *block) exp(x value) value { return b.expBelow(b.min(b.number(88), x)) }

// expBelow is eˣ for x ≤ 88, expm1Below eˣ − 1, exact to the last bits near 0 too.
func (b *block) expBelow(x value) value {
	scale, rest := b.powers(b.max(b.number(-87), x))
	return b.fma(scale, rest, scale)
}

func (b *block) expm1Below(x value) value {
	scale, rest := b.powers(b.max(b.number(-87), x))
	return b.fma(scale, rest, b.sub(scale, b.number(1)))
}
