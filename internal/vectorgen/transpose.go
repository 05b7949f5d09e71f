package main

import "fmt"

// writeTranspose writes the kernel that turns a column of blocks of 8×8 into a row of them: operand 1 ← operand 0 transposed. Both
// instruction sets use it.
func writeTranspose(b *block) {
	b.line("\n// func transpose8(s *strip)\nTEXT ·transpose8(SB), NOSPLIT, $0-8\n\tMOVQ s+0(FP), DI")
	b.line("\tMOVQ 0(DI), SI\n\tMOVQ 8(DI), DX\n\tMOVQ %d(DI), CX\n\tMOVQ %d(DI), R8\n\tMOVQ %d(DI), R9", countAt, strideAt, resultStrideAt)
	b.line("\tLEAQ (R8)(R8*2), R10\n\tLEAQ (R9)(R9*2), R11\nloop:\n\tLEAQ (SI)(R8*4), BX\n\tLEAQ (DX)(R9*4), AX")
	var rows []value
	for i := range 8 {
		rows = append(rows, b.load(blockRow([]string{"SI", "BX"}, "R8", "R10", i)))
	}
	for i, v := range b.transposed(rows) {
		b.store(blockRow([]string{"DX", "AX"}, "R9", "R11", i), v)
	}
	b.line("\tLEAQ (SI)(R8*8), SI\n\tADDQ $32, DX\n\tDECQ CX\n\tJNZ loop")
	b.end()
}

// blockRow is the address of row i of a block: bases are those of rows 0 and 4.
func blockRow(bases []string, stride, three string, i int) string {
	return fmt.Sprintf("(%s)", bases[i/4]) + [...]string{"", "(" + stride + "*1)", "(" + stride + "*2)", "(" + three + "*1)"}[i%4]
}

// transposed turns eight vectors of eight around: pairs, then fours, then halves.
func (b *block) transposed(r []value) []value {
	var pairs, fours, result []value
	for i := 0; i < 8; i += 2 {
		pairs = append(pairs, b.binary("VUNPCKLPS", r[i], r[i+1]), b.binary("VUNPCKHPS", r[i], r[i+1]))
	}
	for _, i := range []int{0, 1, 4, 5} {
		fours = append(fours, b.binary("VSHUFPS $0x44,", pairs[i], pairs[i+2]), b.binary("VSHUFPS $0xee,", pairs[i], pairs[i+2]))
	}
	for _, halves := range []string{"VPERM2F128 $0x20,", "VPERM2F128 $0x31,"} {
		for i := range 4 {
			result = append(result, b.binary(halves, fours[i], fours[i+4]))
		}
	}
	return result
}

// writeTransposeNEON is writeTranspose: four blocks of 4×4. R1 and R2 are the operands, R5 and R6 the distances of their rows, R10 counts.
func writeTransposeNEON(b *block) {
	b.line("\n// func transpose8(s *strip)\nTEXT ·transpose8(SB), NOSPLIT, $0-8\n\tMOVD s+0(FP), R0")
	b.line("\tMOVD 0(R0), R1\n\tMOVD 8(R0), R2\n\tMOVD %d(R0), R10\n\tMOVD %d(R0), R5\n\tMOVD %d(R0), R6\nloop:", countAt, strideAt, resultStrideAt)
	var halves [2][8]value
	for i := range 8 {
		for half := range halves {
			halves[half][i] = b.emit(fmt.Sprintf("LoadQ %%d R1 %d", 16*half), -1)
		}
		b.do("ADD R5, R1")
	}
	b.do("MOVD R2, R7")
	for _, rows := range halves {
		low, high := b.turned(rows[:4]), b.turned(rows[4:])
		for i := range 4 {
			b.do("StoreQ %0 R7 0\n\tStoreQ %1 R7 16\n\tADD R6, R7", low[i], high[i])
		}
	}
	b.line("\tADD $32, R2\n\tSUBS $1, R10, R10\n\tBNE loop\n\tRET")
}

// turned turns four vectors of four around.
func (b *block) turned(r []value) []value {
	zip := func(part string, x, y value) value { return b.emit("ZIP"+part+" %d %0 %1", -1, x, y) }
	a, c, d, e := zip("1", r[0], r[2]), zip("1", r[1], r[3]), zip("2", r[0], r[2]), zip("2", r[1], r[3])
	return []value{zip("1", a, c), zip("2", a, c), zip("1", d, e), zip("2", d, e)}
}
