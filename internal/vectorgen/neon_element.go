package main

import "fmt"

// Registers of the element kernels: R0 is the strip, R1 to R8 are the operands, R9 is the distance in bytes from their beginning, R10
// how many elements are left, and R16 is free.
var neonPointers = []string{"R1", "R2", "R3", "R4", "R5", "R6", "R7", "R8"}

const (
	neonOffset        = "R9"
	constantsRegister = "R17"
)

// beginNEON writes the head of a function.
func (b *block) beginNEON(name string) {
	b.line("\n// func %[1]s%[2]s(s *strip)\nTEXT ·%[1]s%[2]s(SB), NOSPLIT, $0-8\n\tMOVD s+0(FP), R0\n\tMOVD $constants<>(SB), %[3]s", name, b.name, constantsRegister)
}

// writeNEON writes the kernel: whole vectors, then one element after the other in the first lane. It is tried once, to see which constants
// it uses.
func (k element) writeNEON(b *block) {
	tried := b.trial()
	k.body(k.heldNumbers(tried))
	tried.flush()
	b.beginNEON(k.name)
	e := k.heldNumbers(b)
	b.keep(tried)
	for i, register := range neonPointers {
		b.line("\tMOVD %d(R0), %s", 8*i, register)
	}
	b.line("\tMOVD %d(R0), R10\n\tMOVD $0, %s", countAt, neonOffset)
	b.line("\tSUBS $4, R10, R10\n\tBLT rest\nloop:")
	k.body(e)
	b.line("\tADD $16, %s\n\tSUBS $4, R10, R10\n\tBGE loop\nrest:", neonOffset)
	if !k.whole {
		b.line("\tADDS $4, R10, R10\n\tBEQ done\nsingle:")
		b.masked = true
		k.body(e)
		b.line("\tADD $4, %s\n\tSUBS $1, R10, R10\n\tBNE single\ndone:", neonOffset)
	}
	b.line("\tRET")
}

// heldNumbers is the body of the kernel, its numbers in every lane of registers.
func (k element) heldNumbers(b *block) elements {
	e := elements{block: b}
	for i := range k.scalars {
		e.scalars = append(e.scalars, b.hold())
		b.do(broadcastNumber(i, e.scalars[i].fixed))
	}
	b.flush()
	return e
}

// past moves on in operand i, of u8.
func (e elements) past(i int) string { return fmt.Sprintf("ADD $%d, %s", e.lanes, neonPointers[i]) }

// neonBytes is bytes.
func (e elements) neonBytes(i int) value {
	v := e.emit("LDRS %d "+neonPointers[i]+" ZR", -1)
	e.do(e.past(i))
	return e.emit("SCVTF %d %0", -1, e.emit("UXTL4S %d %0", -1, e.emit("UXTL8H %d %0", -1, v)))
}
