package main

import (
	"fmt"
	"slices"
	"strings"
)

// isa is an instruction set: the prefix of its vector registers, how many there are, and how many f32 lanes each has.
type isa struct {
	name, vector string
	registers    int
	lanes        int
}

// isas are the sets of amd64; Y14 and Y15 are for masks, Z31 is spare. arm64 has one.
var (
	isas  = []isa{{"AVX512", "Z", 31, 16}, {"AVX2", "Y", 14, 8}}
	arm64 = isa{"NEON", "V", 32, 4}
)

func (s isa) wide() bool { return s.vector == "Z" }
func (s isa) neon() bool { return s.vector == "V" }

// A value is a vector: a temporary of the current block, a register held across blocks, or a constant in memory.
type value struct {
	temporary int // from 1 on
	fixed     string
}

func (v value) isConstant() bool { return strings.HasSuffix(v.fixed, "(SB)") }

// instruction is one line of a block, in Intel's order: the result, then the arguments.
type instruction struct {
	text   string // with %d for the result and %0, %1 … for the arguments
	args   []value
	result value
	over   int // the argument that the result overwrites, or −1
}

// block is straight-line code under construction. Its temporaries live from their definition to their last use.
type block struct {
	isa
	masked    bool // loads and stores of lanes beyond the end are left out; on NEON, of all lanes but the first
	out       *strings.Builder
	constants *constants
	list      []instruction
	count     int // temporaries so far
	held      int // registers held across blocks, from the top down
	peak      int // registers that temporaries took, at most

	kept   map[uint32]string // constants that are held in registers, NEON
	wanted []uint32          // the others, in the order of their first use
}

func (b *block) temporary() value { b.count++; return value{temporary: b.count} }

// emit appends an instruction and returns its result.
func (b *block) emit(text string, over int, args ...value) value {
	result := b.temporary()
	b.list = append(b.list, instruction{text, args, result, over})
	return result
}

// do appends an instruction without a result.
func (b *block) do(text string, args ...value) {
	b.list = append(b.list, instruction{text, args, value{}, -1})
}

// hold returns a register that lasts until the end of the kernel.
func (b *block) hold() value {
	b.held++
	return value{fixed: fmt.Sprintf("%s%d", b.vector, b.registers-b.held)}
}

// line writes a line of text after what the block holds so far.
func (b *block) line(format string, args ...any) {
	b.flush()
	fmt.Fprintf(b.out, format+"\n", args...)
}

// flush gives registers to the temporaries and writes the block.
func (b *block) flush() {
	last := map[int]int{}
	for i, in := range b.list {
		for _, a := range in.args {
			last[a.temporary] = i
		}
	}
	a := allocation{block: b, where: map[int]string{}}
	for i, in := range b.list {
		a.write(in, func(v value) bool { return v.temporary > 0 && last[v.temporary] == i })
	}
	b.list, b.count = nil, 0
}

// allocation is which registers the temporaries of a block are in.
type allocation struct {
	*block
	where map[int]string
}

func (a allocation) name(v value) string {
	if v.temporary > 0 {
		return a.where[v.temporary]
	}
	return v.fixed
}

// free returns the lowest register that is not in use.
func (a allocation) free() string {
	used := map[string]bool{}
	for _, r := range a.where {
		used[r] = true
	}
	for i := range a.registers - a.held {
		if r := fmt.Sprintf("%s%d", a.vector, i); !used[r] {
			a.peak = max(a.peak, i+1)
			return r
		}
	}
	panic("vectorgen: a kernel needs more registers than there are")
}

func (a allocation) write(in instruction, dies func(value) bool) {
	names := make([]string, len(in.args))
	for i, v := range in.args {
		names[i] = a.name(v)
	}
	result := ""
	if in.over >= 0 && in.result.temporary > 0 {
		if result = names[in.over]; !dies(in.args[in.over]) {
			result = a.free()
			a.print(a.copying(names[in.over], result))
		}
		a.where[in.result.temporary] = result
	}
	for _, v := range in.args {
		if dies(v) && a.where[v.temporary] != result {
			delete(a.where, v.temporary)
		}
	}
	if in.over >= 0 {
		a.release(in, result)
	}
	if in.over < 0 && in.result.temporary > 0 {
		result = a.free()
		a.where[in.result.temporary] = result
	}
	for _, text := range strings.Split(fill(in.text, result, names), "\n\t") {
		a.print(text)
	}
}

// print writes an instruction.
func (b *block) print(text string) {
	if b.neon() {
		fmt.Fprint(b.out, neonLine(text))
		return
	}
	fmt.Fprintln(b.out, "\t"+b.broadcast(text))
}

// trial is a block to try a kernel on: what is written is thrown away.
func (b *block) trial() *block {
	return &block{isa: b.isa, out: &strings.Builder{}, constants: b.constants}
}

// broadcast has AVX-512 repeat one number in place of loading 64 bytes of it: the linker aligns constants to 32 bytes, and half of
// these loads would take two accesses.
func (b *block) broadcast(text string) string {
	op, rest, _ := strings.Cut(text, " ")
	switch {
	case !b.wide() || !strings.Contains(rest, "constants<>"):
		return text
	case op == "VMOVUPS":
		return "VBROADCASTSS " + rest
	}
	return op + ".BCST " + rest
}

// release forgets the argument whose register the result took over.
func (a allocation) release(in instruction, result string) {
	for t, r := range a.where {
		if r == result && t != in.result.temporary {
			delete(a.where, t)
		}
	}
}

func fill(text, result string, args []string) string {
	pairs := []string{"%d", result}
	for i, name := range args {
		pairs = append(pairs, fmt.Sprintf("%%%d", i), name)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// constants are the numbers of the kernels, each repeated for so many lanes.
type constants struct {
	bits  []uint32
	lanes int
}

func (c *constants) of(bits uint32) value {
	i := slices.Index(c.bits, bits)
	if i < 0 {
		i = len(c.bits)
		c.bits = append(c.bits, bits)
	}
	return value{fixed: fmt.Sprintf("constants<>+%d(SB)", 4*c.lanes*i)}
}

func (c *constants) write(out *strings.Builder) {
	fmt.Fprintln(out)
	for i, bits := range c.bits {
		for j := range c.lanes / 2 {
			fmt.Fprintf(out, "DATA constants<>+%d(SB)/8, $0x%08x%08x\n", 4*c.lanes*i+8*j, bits, bits)
		}
	}
	fmt.Fprintf(out, "GLOBL constants<>(SB), RODATA|NOPTR, $%d\n", 4*c.lanes*len(c.bits))
}
