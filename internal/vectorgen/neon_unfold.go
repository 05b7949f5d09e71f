package main

import "fmt"

// writeUnfoldNEON is writeUnfold. R1 to R7 are the operands, R8 and R9 the places in the row of P and of W, R10 counts columns, R11 rows and
// R12 is the distance of rows; R13 is the place in s. What is left over of 16 columns is loaded lane by lane, so that the sums have 16 lanes all the same.
func writeUnfoldNEON(b *block) {
	b.beginNEON("unfold")
	for i, register := range neonPointers[:7] {
		b.line("\tMOVD %d(R0), %s", 8*i, register)
	}
	b.line("\tMOVD %d(R0), R11\n\tMOVD %d(R0), R12\n\tMOVD %d(R0), R14", resultStrideAt, strideAt, countAt)
	u := unfolding{block: b, gammas: b.halves(), betas: b.halves(), gamma: b.hold(), beta: b.hold()}
	b.line("row:")
	b.do("LD1R " + u.gamma.fixed + " R4")
	b.do("LD1R " + u.beta.fixed + " R5")
	for i := range u.gammas {
		b.line("\tVEOR %[1]s.B16, %[1]s.B16, %[1]s.B16\n\tVEOR %[2]s.B16, %[2]s.B16, %[2]s.B16", u.gammas[i].fixed, u.betas[i].fixed)
	}
	b.line("\tMOVD R1, R8\n\tMOVD R2, R9\n\tMOVD R3, R13\n\tSUBS $16, R14, R10\n\tBLT rest\nloop:")
	u.wholeNEON()
	b.line("\tADD $64, R8\n\tADD $64, R9\n\tADD $64, R13\n\tSUBS $16, R10, R10\n\tBGE loop\nrest:\n\tADDS $16, R10, R10\n\tBEQ total")
	u.restNEON()
	b.line("total:")
	u.totalNEON(u.gammas, "R6")
	u.totalNEON(u.betas, "R7")
	b.line("\tADD R12, R1\n\tADD R12, R2\n\tADD $4, R4\n\tADD $4, R5\n\tADD $4, R6\n\tADD $4, R7\n\tSUBS $1, R11, R11\n\tBNE row\n\tRET")
}

// Part i of 16 columns of P, W and s is in V(i), V(4+i) and V(8+i); what P becomes is there where s was.
func (u unfolding) wholeNEON() {
	for i := range 4 {
		for j, from := range []string{"R8", "R9", "R13"} {
			u.do(fmt.Sprintf("LoadQ V%d %s %d", 4*j+i, from, 16*i))
		}
		u.partNEON(i)
		u.do(fmt.Sprintf("StoreQ V%d R8 %d", 8+i, 16*i))
	}
}

func (u unfolding) partNEON(i int) {
	p, w, s := fmt.Sprintf("V%d", i), fmt.Sprintf("V%d", 4+i), fmt.Sprintf("V%d", 8+i)
	u.do(fmt.Sprintf("FMLA %s %s %s", u.gammas[i].fixed, w, p))
	u.do(fmt.Sprintf("FMLA %s %s %s", u.betas[i].fixed, w, s))
	u.do(fmt.Sprintf("FMUL %[1]s %[1]s %[2]s", s, u.beta.fixed))
	u.do(fmt.Sprintf("FMLA %s %s %s", s, p, u.gamma.fixed))
}

// restNEON treats 1 to 15 columns; the other lanes are zeros.
func (u unfolding) restNEON() {
	for i := range 12 {
		u.line("\tVEOR V%[1]d.B16, V%[1]d.B16, V%[1]d.B16", i)
	}
	u.line("\tMOVD R8, R15\n\tMOVD R10, R16")
	for lane := range 15 {
		for j, from := range []string{"R15", "R9", "R13"} {
			u.line("\tVLD1.P 4(%s), V%d.S[%d]", from, 4*j+lane/4, lane%4)
		}
		u.line("\tSUBS $1, R16, R16\n\tBEQ loaded")
	}
	u.line("loaded:")
	for i := range 4 {
		u.partNEON(i)
	}
	u.flush()
	for lane := range 15 {
		u.line("\tVST1.P V%d.S[%d], 4(R8)\n\tSUBS $1, R10, R10\n\tBEQ total", 8+lane/4, lane%4)
	}
}

// totalNEON adds up 16 lanes: the upper half to the lower, and so on.
func (u unfolding) totalNEON(sums []value, to string) {
	for i := range 2 {
		u.accumulate(sums[i], sums[2+i])
	}
	u.accumulate(sums[0], sums[1])
	for _, half := range []string{"EXT8", "EXT4"} {
		u.do(fmt.Sprintf("%s V0 %[2]s %[2]s", half, sums[0].fixed))
		u.do(fmt.Sprintf("FADD %[1]s %[1]s V0", sums[0].fixed))
	}
	u.do(fmt.Sprintf("STRS %s %s ZR", sums[0].fixed, to))
	u.flush()
}
