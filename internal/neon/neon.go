// Package neon writes arm64 instructions that Go's assembler lacks, most of the float vector ones, as WORD lines.
//
// Encodings are those of the Arm Architecture Reference Manual (DDI 0487), "Advanced SIMD and floating-point instructions"; a test holds them to an
// assembler's.
package neon

import (
	"fmt"
	"strings"
)

// code is an instruction without its registers, and how an assembler writes it, with d, n and m for their numbers.
type code struct {
	bits uint32
	text string
}

// codes are by the names that Arm gives the instructions: of four f32 unless the name says otherwise.
var codes = map[string]code{
	"ADD4S":   {0x4ea08400, "add v%[1]d.4s, v%[2]d.4s, v%[3]d.4s"},
	"AND":     {0x4e201c00, "and v%[1]d.16b, v%[2]d.16b, v%[3]d.16b"},
	"BSL":     {0x6e601c00, "bsl v%[1]d.16b, v%[2]d.16b, v%[3]d.16b"}, // n where d has ones, elsewhere m
	"EXT4":    {0x6e002000, "ext v%[1]d.16b, v%[2]d.16b, v%[3]d.16b, #4"},
	"EXT8":    {0x6e004000, "ext v%[1]d.16b, v%[2]d.16b, v%[3]d.16b, #8"}, // the upper half of n, then the lower one of m
	"FABS2D":  {0x4ee0f800, "fabs v%[1]d.2d, v%[2]d.2d"},
	"FADD":    {0x4e20d400, "fadd v%[1]d.4s, v%[2]d.4s, v%[3]d.4s"},
	"FADD2D":  {0x4e60d400, "fadd v%[1]d.2d, v%[2]d.2d, v%[3]d.2d"},
	"FCMEQ":   {0x4e20e400, "fcmeq v%[1]d.4s, v%[2]d.4s, v%[3]d.4s"},
	"FCMGE":   {0x6e20e400, "fcmge v%[1]d.4s, v%[2]d.4s, v%[3]d.4s"},
	"FCMGT":   {0x6ea0e400, "fcmgt v%[1]d.4s, v%[2]d.4s, v%[3]d.4s"},
	"FCVTL2D": {0x0e617800, "fcvtl v%[1]d.2d, v%[2]d.2s"},
	"FDIV":    {0x6e20fc00, "fdiv v%[1]d.4s, v%[2]d.4s, v%[3]d.4s"},
	"FMLA":    {0x4e20cc00, "fmla v%[1]d.4s, v%[2]d.4s, v%[3]d.4s"},   // d + n·m
	"FMLA0":   {0x4f801000, "fmla v%[1]d.4s, v%[2]d.4s, v%[3]d.s[0]"}, // d + n·(the first of m)
	"FMLA2D":  {0x4e60cc00, "fmla v%[1]d.2d, v%[2]d.2d, v%[3]d.2d"},
	"FMLS":    {0x4ea0cc00, "fmls v%[1]d.4s, v%[2]d.4s, v%[3]d.4s"}, // d − n·m
	"FMUL":    {0x6e20dc00, "fmul v%[1]d.4s, v%[2]d.4s, v%[3]d.4s"},
	"FNEG":    {0x6ea0f800, "fneg v%[1]d.4s, v%[2]d.4s"},
	"FSQRT":   {0x6ea1f800, "fsqrt v%[1]d.4s, v%[2]d.4s"},
	"FSUB":    {0x4ea0d400, "fsub v%[1]d.4s, v%[2]d.4s, v%[3]d.4s"},
	"LD1R":    {0x4d40c800, "ld1r {v%[1]d.4s}, [x%[2]d]"},
	"LDRQ":    {0x3ce06800, "ldr q%[1]d, [x%[2]d, x%[3]d]"},
	"LDRS":    {0xbc606800, "ldr s%[1]d, [x%[2]d, x%[3]d]"}, // the other lanes become 0
	"ORR":     {0x4ea01c00, "orr v%[1]d.16b, v%[2]d.16b, v%[3]d.16b"},
	"SCVTF":   {0x4e21d800, "scvtf v%[1]d.4s, v%[2]d.4s"},
	"SHL23":   {0x4f375400, "shl v%[1]d.4s, v%[2]d.4s, #23"},
	"STRQ":    {0x3ca06800, "str q%[1]d, [x%[2]d, x%[3]d]"},
	"STRS":    {0xbc206800, "str s%[1]d, [x%[2]d, x%[3]d]"},
	"UXTL4S":  {0x2f10a400, "uxtl v%[1]d.4s, v%[2]d.4h"},
	"UXTL8H":  {0x2f08a400, "uxtl v%[1]d.8h, v%[2]d.8b"},
	"ZIP1":    {0x4e803800, "zip1 v%[1]d.4s, v%[2]d.4s, v%[3]d.4s"},
	"ZIP2":    {0x4e807800, "zip2 v%[1]d.4s, v%[2]d.4s, v%[3]d.4s"},
}

// Zero is the number of the register that is always 0, as an index of a load or store.
const Zero = 31

// Has reports whether the name is in the table.
func Has(name string) bool { _, ok := codes[name]; return ok }

// Word returns a line of the instruction with registers d, n and m, with its meaning as a comment; instructions of two registers leave m
// alone. It panics on a name that is not in the table.
func Word(name string, d, n, m int) string {
	c, ok := codes[name]
	if !ok {
		panic("neon: no instruction " + name)
	}
	if !strings.Contains(c.text, "%[3]d") {
		m = 0
	}
	return fmt.Sprintf("\tWORD $0x%08x // %s\n", c.bits|uint32(m)<<16|uint32(n)<<5|uint32(d), c.assembly(d, n, m))
}

func (c code) assembly(d, n, m int) string { return fmt.Sprintf(c.text, d, n, m) }

// LoadQ and StoreQ are of 16 bytes at the address in register n plus an offset that is a multiple of 16.
func LoadQ(d, n, offset int) string { return at(0x3dc00000, "ldr q", 16, d, n, offset) }

// StoreQ is LoadQ the other way.
func StoreQ(d, n, offset int) string { return at(0x3d800000, "str q", 16, d, n, offset) }

// LoadD is of 8 bytes at the address in register n plus an offset that is a multiple of 8; the other half becomes 0.
func LoadD(d, n, offset int) string { return at(0xfd400000, "ldr d", 8, d, n, offset) }

func at(bits uint32, text string, size, d, n, offset int) string {
	return fmt.Sprintf("\tWORD $0x%08x // %s%d, [x%d, #%d]\n", bits|uint32(offset/size)<<10|uint32(n)<<5|uint32(d), text, d, n, offset)
}
