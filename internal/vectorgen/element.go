package main

import "fmt"

// element is a kernel that treats every element alike: its body loads, computes and stores one vector.
type element struct {
	name    string
	scalars int  // numbers of the strip that it uses
	whole   bool // it leaves what is no whole vector
	body    func(e elements)
}

// elements is the body of an element kernel under construction. DI is the strip, AX the distance in bytes from its beginning, CX how
// many elements are left.
type elements struct {
	*block
	scalars []value // each in every lane
}

// pointers are the registers of the operands.
var pointers = []string{"SI", "BX", "DX", "R8", "R9", "R10", "R11", "R12"}

// in loads operand i.
func (e elements) in(i int) value { return e.load(e.operand(i)) }

// put stores v to operand i.
func (e elements) put(i int, v value) { e.store(e.operand(i), v) }

// operand is the address in operand i.
func (e elements) operand(i int) string {
	if e.neon() {
		return neonPointers[i] + " " + neonOffset
	}
	return fmt.Sprintf("(%s)(AX*1)", pointers[i])
}

// ahead fetches what operand i, of u8, points to, and moves on.
func (e elements) ahead(i int) {
	if e.neon() {
		e.do("PRFM (" + neonPointers[i] + "), PLDL1KEEP\n\t" + e.past(i))
		return
	}
	e.do("PREFETCHT0 (" + pointers[i] + ")")
	e.do(fmt.Sprintf("ADDQ $%d, %s", e.lanes, pointers[i]))
}

// bytes loads operand i, of u8, as f32.
func (e elements) bytes(i int) value {
	if e.neon() {
		return e.neonBytes(i)
	}
	v := e.emit(fmt.Sprintf("VPMOVZXBD (%s), %%d", pointers[i]), -1)
	e.do(fmt.Sprintf("ADDQ $%d, %s", e.lanes, pointers[i]))
	return e.emit("VCVTDQ2PS %0, %d", -1, v)
}

func (b *block) load(address string) value {
	switch {
	case b.neon():
		return b.emit("LDR"+b.first()+" %d "+address, -1)
	case !b.masked:
		return b.emit("VMOVUPS "+address+", %d", -1)
	case b.wide():
		return b.emit("VMOVUPS.Z "+address+", K1, %d", -1)
	}
	return b.emit("VMASKMOVPS "+address+", Y15, %d", -1)
}

func (b *block) store(address string, v value) {
	switch {
	case b.neon():
		b.do("STR"+b.first()+" %0 "+address, v)
	case !b.masked:
		b.do("VMOVUPS %0, "+address, v)
	case b.wide():
		b.do("VMOVUPS %0, K1, "+address, v)
	default:
		b.do("VMASKMOVPS %0, Y15, "+address, v)
	}
}

// Offsets in the strip, as cpu/vector.go lays it out.
const (
	countAt   = 80
	strideAt  = 88
	columnsAt = 96
	lanesAt   = 104
	scalarsAt = 112

	resultStrideAt = 136
)

// begin writes the head of a function.
func (b *block) begin(name string) {
	b.line("\n// func %s%s(s *strip)\nTEXT ·%s%s(SB), NOSPLIT, $0-8\n\tMOVQ s+0(FP), DI", name, b.name, name, b.name)
	if b.wide() {
		b.line("\tMOVL %d(DI), R13\n\tKMOVW R13, K1", columnsAt)
	} else {
		b.line("\tMOVQ %d(DI), R13\n\tVMOVUPS (R13), Y15", lanesAt)
	}
}

func (b *block) end() { b.line("\tVZEROUPPER\n\tRET") }

// write writes the kernel: whole vectors, then one that is cut off.
func (k element) write(b *block) {
	b.begin(k.name)
	for i, register := range pointers {
		b.line("\tMOVQ %d(DI), %s", 8*i, register)
	}
	b.line("\tMOVQ %d(DI), CX\n\tXORQ AX, AX", countAt)
	e := elements{block: b}
	for i := range k.scalars {
		e.scalars = append(e.scalars, b.hold())
		b.line("\tVBROADCASTSS %d(DI), %s", scalarsAt+4*i, e.scalars[i].fixed)
	}
	b.line("\tSUBQ $%d, CX\n\tJLT rest\nloop:", b.lanes)
	k.body(e)
	b.line("\tADDQ $%d, AX\n\tSUBQ $%d, CX\n\tJGE loop\nrest:", 4*b.lanes, b.lanes)
	if !k.whole {
		b.line("\tADDQ $%d, CX\n\tJEQ done", b.lanes)
		b.masked = true
		k.body(e)
	}
	b.line("done:")
	b.end()
}
