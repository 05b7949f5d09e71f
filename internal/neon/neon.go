// Package neon writes arm64 instructions that Go's assembler lacks, most of the float vector ones, as WORD lines.
//
// Encodings are those of the Arm Architecture Reference Manual (DDI 0487), "Advanced SIMD and floating-point instructions"; a test holds them to an
// assembler's.
package neon

import "fmt"

// code is an instruction without its registers, and how an assembler writes it, with d, n and m for their numbers.
type code struct {
	bits uint32
	text string
}

// codes are by the names that Arm gives the instructions: of four f32 unless the name says otherwise.
var codes = map[string]code{
	"FADD":  {0x4e20d400, "fadd v%[1]d.4s, v%[2]d.4s, v%[3]d.4s"},
	"FMLA0": {0x4f801000, "fmla v%[1]d.4s, v%[2]d.4s, v%[3]d.s[0]"}, // d + n·(the first of m)
	"LDRQ":  {0x3ce06800, "ldr q%[1]d, [x%[2]d, x%[3]d]"},
	"LDRS":  {0xbc606800, "ldr s%[1]d, [x%[2]d, x%[3]d]"}, // the other lanes become 0
	"STRQ":  {0x3ca06800, "str q%[1]d, [x%[2]d, x%[3]d]"},
	"STRS":  {0xbc206800, "str s%[1]d, [x%[2]d, x%[3]d]"},
}

// Zero is the number of the register that is always 0, as an index of a load or store.
const Zero = 31

// Word returns a line of the instruction with registers d, n and m, with its meaning as a comment. It panics on a name that is not in the table.
func Word(name string, d, n, m int) string {
	c, ok := codes[name]
	if !ok {
		panic("neon: no instruction " + name)
	}
	return fmt.Sprintf("\tWORD $0x%08x // %s\n", c.bits|uint32(m)<<16|uint32(n)<<5|uint32(d), c.assembly(d, n, m))
}

func (c code) assembly(d, n, m int) string { return fmt.Sprintf(c.text, d, n, m) }

// LoadQ and StoreQ are of 16 bytes at the address in register n plus an offset that is a multiple of 16.
func LoadQ(d, n, offset int) string { return quad(0x3dc00000, "ldr", d, n, offset) }

// StoreQ is LoadQ the other way.
func StoreQ(d, n, offset int) string { return quad(0x3d800000, "str", d, n, offset) }

func quad(bits uint32, text string, d, n, offset int) string {
	return fmt.Sprintf("\tWORD $0x%08x // %s q%d, [x%d, #%d]\n", bits|uint32(offset/16)<<10|uint32(n)<<5|uint32(d), text, d, n, offset)
}
