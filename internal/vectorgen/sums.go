package main

import "fmt"

// sumLanes is how many sums a kernel of sums keeps, of either set: cpu/sum.go goes on with them.
const sumLanes = 32

// sum is a kernel that widens operand 0 to f64 and adds what it makes of element i to sum i mod 32, which operand 1 gets. The count is a
// multiple of 32, and not 0.
type sum struct {
	name string
	add  func(b *block, to, v value)
}

// sums: squares of f32 are exact in f64, so that fused multiply-adds round no otherwise than what Go does.
var sums = []sum{
	{"squares", func(b *block, to, v value) {
		if b.neon() {
			b.do("FMLA2D "+to.fixed+" %0 %0", v)
			return
		}
		b.do("VFMADD231PD %0, %0, "+to.fixed, v)
	}},
	{"absolutes", func(b *block, to, v value) {
		if b.neon() {
			b.do(fmt.Sprintf("FADD2D %[1]s %[1]s %%0", to.fixed), b.emit("FABS2D %d %0", -1, v))
			return
		}
		size := b.emit("VPSRLQ $1, %0, %d", -1, b.emit("VPSLLQ $1, %0, %d", -1, v))
		b.do(fmt.Sprintf("VADDPD %%0, %[1]s, %[1]s", to.fixed), size)
	}},
}

func (k sum) write(b *block) {
	b.line("\n// func %s%s(s *strip)\nTEXT ·%s%s(SB), NOSPLIT, $0-8\n\tMOVQ s+0(FP), DI", k.name, b.name, k.name, b.name)
	b.line("\tMOVQ 0(DI), SI\n\tMOVQ 8(DI), BX\n\tMOVQ %d(DI), CX", countAt)
	totals := b.totals()
	b.line("loop:")
	for i, to := range totals {
		k.add(b, to, b.emit(fmt.Sprintf("VCVTPS2PD %d(SI), %%d", 2*b.lanes*i), -1))
	}
	b.line("\tADDQ $%d, SI\n\tSUBQ $%d, CX\n\tJNZ loop", 4*sumLanes, sumLanes)
	for i, from := range totals {
		b.line("\tVMOVUPS %s, %d(BX)", from.fixed, 4*b.lanes*i)
	}
	b.end()
}

// totals are zero: as many registers as hold the sums.
func (b *block) totals() (list []value) {
	for range 2 * sumLanes / b.lanes {
		list = append(list, b.hold())
		b.set(list[len(list)-1], b.loaded(b.number(0)))
	}
	return list
}

// writeNEON writes the kernel with R1 and R2 as the operands and R10 as the count.
func (k sum) writeNEON(b *block) {
	b.beginNEON(k.name)
	b.line("\tMOVD 0(R0), R1\n\tMOVD 8(R0), R2\n\tMOVD %d(R0), R10", countAt)
	totals := b.totals()
	b.line("loop:")
	for i, to := range totals {
		k.add(b, to, b.emit(fmt.Sprintf("LoadD %%d R1 %d\n\tFCVTL2D %%d %%d", 8*i), -1))
	}
	b.line("\tADD $%d, R1\n\tSUBS $%d, R10, R10\n\tBNE loop", 4*sumLanes, sumLanes)
	for i, from := range totals {
		b.do(fmt.Sprintf("StoreQ %s R2 %d", from.fixed, 16*i))
	}
	b.line("\tRET")
}
