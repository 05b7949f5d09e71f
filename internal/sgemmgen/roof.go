package main

import (
	"fmt"
	"strings"
)

// accumulators is how many chains of multiply-adds the loop has that measures the machine: more than its units have in flight.
var accumulators = map[string]int{"AVX512": 24, "AVX2": 12, "NEON": 24}

// roofAMD64 writes, for each set of amd64, a loop of multiply-adds between registers.
func roofAMD64() string {
	out := &strings.Builder{}
	fmt.Fprint(out, generated+"#include \"textflag.h\"\n")
	for _, s := range isas {
		if accumulators[s.name] == 0 {
			continue // a narrower kernel of a set
		}
		last := map[string]int{"Z": 31, "Y": 15}[s.vector]
		x, y := fmt.Sprintf("%s%d", s.vector, last), fmt.Sprintf("%s%d", s.vector, last-1)
		fmt.Fprintf(out, "\n// func fmas%[1]s(n int, x *float32)\nTEXT ·fmas%[1]s(SB), NOSPLIT, $0-16\n", s.name)
		fmt.Fprintf(out, "\tMOVQ n+0(FP), CX\n\tMOVQ x+8(FP), DI\n\tVBROADCASTSS (DI), %s\n\tVBROADCASTSS (DI), %s\n", x, y)
		for i := range accumulators[s.name] {
			fmt.Fprintf(out, "\tVXORPS %[1]s%[2]d, %[1]s%[2]d, %[1]s%[2]d\n", s.vector, i)
		}
		fmt.Fprint(out, "loop:\n")
		for i := range accumulators[s.name] {
			fmt.Fprintf(out, "\tVFMADD231PS %s, %s, %s%d\n", x, y, s.vector, i)
		}
		fmt.Fprint(out, "\tDECQ CX\n\tJNZ loop\n\tVZEROUPPER\n\tRET\n")
	}
	return out.String()
}

// roofDeclarations are the Go side: a function that makes n rounds of a set's multiply-adds and returns how many flops these are.
func roofDeclarations(sets []string, lanes map[string]int) string {
	out := &strings.Builder{}
	fmt.Fprint(out, generated+"package cpu\n\n// fmas makes n rounds of multiply-adds between registers and returns how many flops these are.\n")
	fmt.Fprint(out, "func fmas(set instructions, n int) int {\n\tx := float32(1e-3)\n\tswitch set {\n")
	for _, s := range sets {
		fmt.Fprintf(out, "\tcase %s:\n\t\tfmas%s(n, &x)\n\t\treturn %d * n\n", strings.ToLower(s), s, 2*accumulators[s]*lanes[s])
	}
	fmt.Fprint(out, "\t}\n\treturn plainFMAs(n)\n}\n")
	for _, s := range sets {
		fmt.Fprintf(out, "\n//go:noescape\nfunc fmas%s(n int, x *float32)\n", s)
	}
	return out.String()
}
