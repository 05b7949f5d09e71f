package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gradus-ml/gradus/internal/neon"
)

// neonNames are what the instructions of AVX that compute x op y are called on NEON.
var neonNames = map[string]string{
	"VADDPS": "FADD", "VSUBPS": "FSUB", "VMULPS": "FMUL", "VDIVPS": "FDIV", "VANDPS": "AND", "VORPS": "ORR", "VPADDD": "ADD4S",
}

// neonLine is an instruction in Go's assembly: one of package neon's, by its name and registers, or one that Go's assembler has.
func neonLine(text string) string {
	fields := strings.Fields(text)
	offsets := map[string]func(d, n, offset int) string{"LoadQ": neon.LoadQ, "StoreQ": neon.StoreQ, "LoadD": neon.LoadD}
	switch at := offsets[fields[0]]; {
	case at != nil:
		return at(ordinal(fields[1]), ordinal(fields[2]), ordinal(fields[3]))
	case !neon.Has(fields[0]):
		return "\t" + text + "\n"
	}
	var registers [3]int
	for i, name := range fields[1:] {
		registers[i] = ordinal(name)
	}
	return neon.Word(fields[0], registers[0], registers[1], registers[2])
}

// ordinal is the number of a register, or an offset, which may be a constant's.
func ordinal(name string) int {
	if name == "ZR" {
		return neon.Zero
	}
	n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimLeft(name, "constants<>+RV"), "(SB)"))
	if err != nil {
		panic("vectorgen: " + name + " is neither a register nor an offset")
	}
	return n
}

// first tells whether loads and stores are of a whole vector or of its first lane.
func (b *block) first() string {
	if b.masked {
		return "S"
	}
	return "Q"
}

// neonFused is fused: what is added is overwritten, and x·y − z has −z added.
func (b *block) neonFused(op string, x, y, z value) value {
	z = b.loaded(z)
	if op == "VFMSUB" {
		z = b.emit("FNEG %d %0", -1, z)
	}
	name := map[string]string{"VFMADD": "FMLA", "VFMSUB": "FMLA", "VFNMADD": "FMLS"}[op]
	return b.emit(name+" %d %0 %1", 2, b.loaded(x), b.loaded(y), z)
}

// extreme is x where it stands in the relation to y, elsewhere y. NEON's own minima and maxima treat NaN and zeros otherwise than AVX's.
func (b *block) extreme(x value, r relation, y value) value {
	x, y = b.loaded(x), b.loaded(y)
	return b.neonChoose(x, r, y, x, y)
}

// neonChoose is choose. Unordered is asked of a number and itself alone: it is whether that is not equal to itself.
func (b *block) neonChoose(x value, r relation, y, yes, no value) value {
	x, y = b.loaded(x), b.loaded(y)
	op := map[relation]string{greater: "FCMGT", atLeast: "FCMGE", less: "FCMGT", unordered: "FCMEQ"}[r]
	switch {
	case r == less:
		x, y = y, x
	case r == unordered && x != y:
		panic("vectorgen: NEON compares a number with itself alone")
	case r == unordered:
		yes, no = no, yes
	}
	mask := b.emit(op+" %d %0 %1", -1, x, y)
	return b.emit("BSL %d %1 %2", 0, mask, b.loaded(yes), b.loaded(no))
}

// want notes that the kernel uses a constant that is in no register.
func (b *block) want(bits uint32) {
	if !slices.Contains(b.wanted, bits) {
		b.wanted = append(b.wanted, bits)
	}
}

// keep holds the constants that the kernel wanted when it was tried, as many as its temporaries leave registers for, and loads them.
func (b *block) keep(tried *block) {
	b.kept = map[uint32]string{}
	for _, bits := range tried.wanted[:min(len(tried.wanted), b.registers-tried.held-tried.peak)] {
		b.kept[bits] = b.hold().fixed
		b.do("LoadQ "+b.kept[bits]+" "+constantsRegister+" %0", b.constants.of(bits))
	}
	b.flush()
}

// broadcastNumber loads number i of the strip into every lane of a register.
func broadcastNumber(i int, register string) string {
	return fmt.Sprintf("ADD $%d, R0, R16\n\tLD1R %s R16", scalarsAt+4*i, register)
}
