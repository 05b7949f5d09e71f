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
	{"squares", func(b *block, to, v value) { b.do("VFMADD231PD %0, %0, "+to.fixed, v) }},
	{"absolutes", func(b *block, to, v value) {
		size := b.emit("VPSRLQ $1, %0, %d", -1, b.emit("VPSLLQ $1, %0, %d", -1, v))
		b.do(fmt.Sprintf("VADDPD %%0, %[1]s, %[1]s", to.fixed), size)
	}},
}

func (k sum) write(b *block) {
	b.line("\n// func %s%s(s *strip)\nTEXT ·%s%s(SB), NOSPLIT, $0-8\n\tMOVQ s+0(FP), DI", k.name, b.name, k.name, b.name)
	b.line("\tMOVQ 0(DI), SI\n\tMOVQ 8(DI), BX\n\tMOVQ %d(DI), CX", countAt)
	var totals []value
	for range 2 * sumLanes / b.lanes {
		totals = append(totals, b.hold())
		b.set(totals[len(totals)-1], b.loaded(b.number(0)))
	}
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
