package main

import "fmt"

// Registers of the column kernels: R0 is the strip, R1 to R4 are the rows of the operands that are matrices, R5, R6 and R7 one, two and three times the
// distance of rows in bytes, R8 counts rows, and R16 is the address of what has one value to a column.
var (
	neonRows    = []string{"R1", "R2", "R3", "R4"}
	neonStrides = []string{"ZR", "R5", "R6", "R7"}
)

func neonRow(sum int) row {
	return row{func(operand int) string { return neonRows[operand] + " " + neonStrides[sum] }, sum}
}

// writeNEON writes the kernel for four columns, and once more for one.
func (k column) writeNEON(b *block) {
	b.beginNEON(k.name)
	b.line("\tMOVD %d(R0), R5\n\tADD R5, R5, R6\n\tADD R6, R5, R7", strideAt)
	b.line("\tMOVWU %d(R0), R8\n\tCBNZ R8, cut", columnsAt)
	k.body(&columns{block: b, version: "Whole"})
	b.line("\tRET\ncut:")
	b.masked, b.held = true, 0
	k.body(&columns{block: b, version: "Cut"})
	b.line("\tRET")
}

// neonWalk is walk.
func (c *columns) neonWalk(operands []int, body func(r row)) {
	c.walks++
	label := fmt.Sprintf("%s%d", c.version, c.walks)
	c.line("\tMOVD %d(R0), R8", countAt)
	for _, i := range operands {
		c.line("\tMOVD %d(R0), %s", 8*i, neonRows[i])
	}
	c.line("\tSUBS $%d, R8, R8\n\tBLT rest%s\nloop%s:", unrolled, label, label)
	for j := range unrolled {
		body(neonRow(j))
	}
	c.neonAdvance(operands, "ADD R5<<2, %s")
	c.line("\tSUBS $%d, R8, R8\n\tBGE loop%s\nrest%s:\n\tADDS $%d, R8, R8\n\tBEQ done%s\nsingle%s:", unrolled, label, label, unrolled, label, label)
	body(neonRow(0))
	c.neonAdvance(operands, "ADD R5, %s")
	c.line("\tSUBS $1, R8, R8\n\tBNE single%s\ndone%s:", label, label)
}

func (c *columns) neonAdvance(operands []int, text string) {
	for _, i := range operands {
		c.line("\t"+text, neonRows[i])
	}
}
