package main

import "fmt"

// writeUnfold writes the kernel that takes the gradients of a BatchNorm out of that of the layer behind it, row by row. With
// P = x̂ᵀ·dz, the sums s of dz's columns and the weights W:
//
//	dbeta[c] = Σ_j W[c,j]·s[j],   dgamma[c] = Σ_j W[c,j]·P[c,j],   P[c,j] ← gamma[c]·P[c,j] + beta[c]·s[j]
//
// The operands are P, W, s, gamma, beta, dgamma and dbeta. Sums have 16 lanes in either set, which are halved until one is left.
func writeUnfold(b *block) {
	b.line("\n// func unfold%s(s *strip)\nTEXT ·unfold%s(SB), NOSPLIT, $0-8\n\tMOVQ s+0(FP), DI", b.name, b.name)
	for i, register := range pointers[:7] {
		b.line("\tMOVQ %d(DI), %s", 8*i, register)
	}
	u := unfolding{block: b, gammas: b.halves(), betas: b.halves(), gamma: b.hold(), beta: b.hold()}
	b.line("\tMOVQ %d(DI), R12\n\tMOVQ %d(DI), R13", resultStrideAt, lanesAt)
	if b.wide() {
		b.line("\tMOVL %d(DI), AX\n\tKMOVW AX, K1", columnsAt)
	} else {
		b.line("\tVMOVUPS (R13), Y14\n\tVMOVUPS 32(R13), Y15")
	}
	b.line("row:\n\tVBROADCASTSS (R8), %s\n\tVBROADCASTSS (R9), %s", u.gamma.fixed, u.beta.fixed)
	for i := range u.gammas {
		b.set(u.gammas[i], b.loaded(b.number(0)))
		b.set(u.betas[i], b.loaded(b.number(0)))
	}
	b.line("\tXORQ AX, AX\n\tMOVQ %d(DI), CX\n\tSUBQ $16, CX\n\tJLT rest\nloop:", countAt)
	u.sixteen()
	b.line("\tADDQ $64, AX\n\tSUBQ $16, CX\n\tJGE loop\nrest:\n\tADDQ $16, CX\n\tJEQ total")
	b.masked = true
	u.sixteen()
	b.line("total:")
	b.masked = false
	u.total(u.gammas, "R10")
	u.total(u.betas, "R11")
	b.line("\tADDQ %d(DI), SI\n\tADDQ %d(DI), BX", strideAt, strideAt)
	b.line("\tADDQ $4, R8\n\tADDQ $4, R9\n\tADDQ $4, R10\n\tADDQ $4, R11\n\tDECQ R12\n\tJNZ row")
	b.end()
}

// unfolding is the body of the kernel: its sums, in as many registers as 16 lanes take, and the numbers of the row.
type unfolding struct {
	*block
	gammas, betas []value
	gamma, beta   value
}

// halves holds the registers of 16 lanes.
func (b *block) halves() []value {
	var list []value
	for range 16 / b.lanes {
		list = append(list, b.hold())
	}
	return list
}

// sixteen treats 16 columns.
func (u unfolding) sixteen() {
	for i := range u.gammas {
		at := func(register string) string { return fmt.Sprintf("%d(%s)(AX*1)", 32*i, register) }
		p, w, s := u.part(at("SI"), i), u.part(at("BX"), i), u.part(at("DX"), i)
		u.accumulateProduct(u.gammas[i], w, p)
		u.accumulateProduct(u.betas[i], w, s)
		u.keep(at("SI"), u.fma(p, u.gamma, u.mul(s, u.beta)), i)
		u.flush()
	}
}

// part loads a half; the mask of the first is in Y14, that of the second in Y15.
func (u unfolding) part(address string, half int) value {
	if u.masked && !u.wide() {
		return u.emit(fmt.Sprintf("VMASKMOVPS %s, Y%d, %%d", address, 14+half), -1)
	}
	return u.load(address)
}

func (u unfolding) keep(address string, v value, half int) {
	if u.masked && !u.wide() {
		u.do(fmt.Sprintf("VMASKMOVPS %%0, Y%d, %s", 14+half, address), v)
		return
	}
	u.store(address, v)
}

// total adds up 16 lanes: the upper half to the lower, and so on.
func (u unfolding) total(sums []value, to string) {
	low := "Y" + sums[0].fixed[1:]
	if u.wide() {
		u.line("\tVEXTRACTF64X4 $1, %s, Y0\n\tVADDPS Y0, %s, Y0", sums[0].fixed, low)
	} else {
		u.line("\tVADDPS %s, %s, Y0", sums[1].fixed, low)
	}
	u.line("\tVEXTRACTF128 $1, Y0, X1\n\tVADDPS X1, X0, X0\n\tVSHUFPS $0xee, X0, X0, X1\n\tVADDPS X1, X0, X0")
	u.line("\tVSHUFPS $0x55, X0, X0, X1\n\tVADDSS X1, X0, X0\n\tVMOVSS X0, (%s)", to)
}
