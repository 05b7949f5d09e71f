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

var isas = []isa{{"AVX512", "Z", 31, 16}, {"AVX2", "Y", 14, 8}} // Y14 and Y15 are for masks, Z31 is spare

func (s isa) wide() bool { return s.vector == "Z" }

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
	masked    bool // loads and stores of lanes beyond the end are left out
	out       *strings.Builder
	constants *constants
	list      []instruction
	count     int // temporaries so far
	held      int // registers held across blocks, from the top down
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
			fmt.Fprintln(a.out, "\t"+a.broadcast(fmt.Sprintf("VMOVUPS %s, %s", names[in.over], result)))
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
		fmt.Fprintln(a.out, "\t"+a.broadcast(text))
	}
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

// constants are the numbers of the kernels, each repeated for 16 lanes.
type constants struct{ bits []uint32 }

func (c *constants) of(bits uint32) value {
	i := slices.Index(c.bits, bits)
	if i < 0 {
		i = len(c.bits)
		c.bits = append(c.bits, bits)
	}
	return value{fixed: fmt.Sprintf("constants<>+%d(SB)", 64*i)}
}

func (c *constants) write(out *strings.Builder) {
	fmt.Fprintln(out)
	for i, bits := range c.bits {
		for j := range 8 {
			fmt.Fprintf(out, "DATA constants<>+%d(SB)/8, $0x%08x%08x\n", 64*i+8*j, bits, bits)
		}
	}
	fmt.Fprintf(out, "GLOBL constants<>(SB), RODATA|NOPTR, $%d\n", 64*len(c.bits))
}
