package main

import (
	"fmt"
	"strings"

	"github.com/gradus-ml/gradus/internal/neon"
)

// neonWidth is a width of NEON's tiles: vectors of four columns, or one column in the first lane, since there are no masks.
type neonWidth struct {
	name    string
	vectors int
	single  bool
}

var neonWidths = []neonWidth{{"NEON", 3, false}, {"NEON8", 2, false}, {"NEON4", 1, false}, {"NEON1", 1, true}}

// neonRows is the most rows of a tile: 8×3 accumulators, three vectors of b, and what is multiplied by.
const neonRows = 8

func neonAssembly() string {
	out := &strings.Builder{}
	fmt.Fprint(out, generated+"#include \"textflag.h\"\n")
	for _, w := range neonWidths {
		for rows := 1; rows <= neonRows; rows++ {
			neonKernel{w, rows, out}.write()
		}
	}
	return out.String()
}

// neonKernel writes one function. R0 is the tile, R1 the address of a[row 0, k] and R2 to R8 the distances of rows 1 to 7 from it, R14 that of k; R9 is the
// address of b[k, 0], R10 the distance of k there; R11 is the address in C and R12 its distance of rows; R13 counts, and R16 is the distance of tiles. V0 to V23 are the accumulators, V24 to V26
// hold b, V27 to V30 numbers of a.
type neonKernel struct {
	neonWidth
	rows int
	out  *strings.Builder
}

func (k neonKernel) emit(format string, args ...any) { fmt.Fprintf(k.out, "\t"+format+"\n", args...) }

func (k neonKernel) sum(r, v int) int { return r*k.vectors + v }

func (k neonKernel) write() {
	fmt.Fprintf(k.out, "\n// func sgemm%[1]sx%[2]d(t *tile)\nTEXT ·sgemm%[1]sx%[2]d(SB), NOSPLIT, $0-8\n", k.name, k.rows)
	k.emit("MOVD t+0(FP), R0")
	for i, register := range []string{"R1", "R2", "R14", "R9", "R10", "R11", "R12", "R13"} {
		k.emit("MOVD %d(R0), %s", 8*i, register)
	}
	for r := 2; r < k.rows; r++ {
		k.emit("ADD R2, R%d, R%d", r, r+1) // the distance of row r
	}
	k.emit("MOVD $%d, R16", k.rows)
	k.emit("MUL R16, R2, R16")
	fmt.Fprint(k.out, "next:\n")
	k.begin()
	k.loop()
	k.addBias()
	k.store()
	k.nextTile()
}

// begin sets the accumulators to zero, or to what C holds.
func (k neonKernel) begin() {
	k.emit("MOVD 96(R0), R15")
	k.emit("CBNZ R15, onto")
	for i := range k.rows * k.vectors {
		k.emit("VEOR V%[1]d.B16, V%[1]d.B16, V%[1]d.B16", i)
	}
	k.emit("B loop")
	fmt.Fprint(k.out, "onto:\n")
	k.emit("MOVD R11, R15")
	for r := range k.rows {
		for v := range k.vectors {
			k.load(k.sum(r, v), 15, v)
		}
		k.emit("ADD R12, R15")
	}
}

// load fetches vector v, or the one column, of a row at the address in a register.
func (k neonKernel) load(to, from, v int) {
	if k.single {
		fmt.Fprint(k.out, neon.Word("LDRS", to, from, neon.Zero))
		return
	}
	fmt.Fprint(k.out, neon.LoadQ(to, from, 16*v))
}

// loop adds a[·, k]·b[k, ·] for one k after the other.
func (k neonKernel) loop() {
	fmt.Fprint(k.out, "loop:\n")
	for v := range k.vectors {
		k.load(24+v, 9, v)
	}
	for r := range k.rows {
		index := neon.Zero
		if r > 0 {
			index = r + 1
		}
		fmt.Fprint(k.out, neon.Word("LDRS", 27+r%4, 1, index))
		for v := range k.vectors {
			fmt.Fprint(k.out, neon.Word("FMLA0", k.sum(r, v), 24+v, 27+r%4))
		}
	}
	k.emit("ADD R14, R1")
	k.emit("ADD R10, R9")
	k.emit("SUBS $1, R13, R13")
	k.emit("BNE loop")
}

// addBias adds the bias of each column, if there is one.
func (k neonKernel) addBias() {
	k.emit("MOVD 88(R0), R15")
	k.emit("CBZ R15, store")
	for v := range k.vectors {
		k.load(24+v, 15, v)
		for r := range k.rows {
			fmt.Fprint(k.out, neon.Word("FADD", k.sum(r, v), k.sum(r, v), 24+v))
		}
	}
}

func (k neonKernel) store() {
	fmt.Fprint(k.out, "store:\n")
	for r := range k.rows {
		for v := range k.vectors {
			if k.single {
				fmt.Fprint(k.out, neon.Word("STRS", k.sum(r, v), 11, neon.Zero))
			} else {
				fmt.Fprint(k.out, neon.StoreQ(k.sum(r, v), 11, 16*v))
			}
		}
		k.emit("ADD R12, R11")
	}
}

// nextTile goes on to the tile below, if there is one.
func (k neonKernel) nextTile() {
	k.emit("MOVD 80(R0), R15")
	k.emit("SUBS $1, R15, R15")
	k.emit("MOVD R15, 80(R0)")
	k.emit("BEQ done")
	k.emit("MOVD 0(R0), R1")
	k.emit("ADD R16, R1")
	k.emit("MOVD R1, 0(R0)")
	k.emit("MOVD 24(R0), R9")
	k.emit("MOVD 56(R0), R13")
	k.emit("B next")
	fmt.Fprint(k.out, "done:\n")
	k.emit("RET")
}

// neonDeclarations are the Go side.
func neonDeclarations() string {
	out := &strings.Builder{}
	fmt.Fprint(out, generated+"package cpu\n")
	for _, w := range neonWidths {
		declare(out, w.name, neonRows)
	}
	return out.String()
}

// roofARM64 writes the loop of multiply-adds between registers.
func roofARM64() string {
	out := &strings.Builder{}
	fmt.Fprint(out, generated+"#include \"textflag.h\"\n\n// func fmasNEON(n int, x *float32)\nTEXT ·fmasNEON(SB), NOSPLIT, $0-16\n")
	fmt.Fprint(out, "\tMOVD n+0(FP), R0\n\tMOVD x+8(FP), R1\n\tVLD1R (R1), [V30.S4]\n\tVLD1R (R1), [V31.S4]\n")
	for i := range accumulators["NEON"] {
		fmt.Fprintf(out, "\tVEOR V%[1]d.B16, V%[1]d.B16, V%[1]d.B16\n", i)
	}
	fmt.Fprint(out, "loop:\n")
	for i := range accumulators["NEON"] {
		fmt.Fprintf(out, "\tVFMLA V30.S4, V31.S4, V%d.S4\n", i)
	}
	fmt.Fprint(out, "\tSUBS $1, R0, R0\n\tBNE loop\n\tRET\n")
	return out.String()
}
