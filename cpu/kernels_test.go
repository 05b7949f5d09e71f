package cpu

import (
	"encoding/json"
	"flag"
	"fmt"
	"hash/crc64"
	"math"
	"math/bits"
	"os"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var writeBits = flag.Bool("bits", false, "write testdata/kernels.json anew")

// wanted has, by kernel, a checksum of what it writes, the same for every set of instructions: machines of two kinds cannot be compared in one test.
const wanted = "testdata/kernels.json"

// samples are what kernels are run on: numbers that hurt and pseudorandom ones, made of integers alone so that they are the same everywhere.
type samples uint32

// number is one of the hard ones, the limits of the kernels among them, or one of a size from 2⁻¹¹ to 2⁵.
func (s *samples) number() float32 {
	hard := [...]uint32{0, 0x80000000, 0x7f800000, 0xff800000, 0x7fc00000, 1, 0x80000001, 0x42b00000, 0xc2ae0000, 0x7f7fffff, 0x00800000, 0x3f800000, 0x40c00000, 0x3e000000}
	*s = *s*1664525 + 1013904223
	word := uint32(*s)
	if i := word >> 25; int(i) < len(hard) {
		return math.Float32frombits(hard[i])
	}
	*s = *s*1664525 + 1013904223
	exponent := 127 - 11 + uint32(*s)>>28
	return math.Float32frombits(word&0x80000000 | exponent<<23 | word>>7&0x7fffff)
}

// operands are n numbers each and one more, which no kernel may touch.
func (s *samples) operands(count, n int) [][]float32 {
	list := make([][]float32, count)
	for i := range list {
		list[i] = make([]float32, n+1)
		for j := range list[i] {
			list[i][j] = s.number()
		}
	}
	return list
}

// plain leaves only what is finite and near 1.
func (s *samples) plain(count, n int) [][]float32 {
	list := s.operands(count, n)
	for _, o := range list {
		for i, v := range o {
			o[i] = math.Float32frombits(math.Float32bits(v)&0x807fffff | 126<<23)
		}
	}
	return list
}

// checksum is of what a kernel wrote; every NaN counts as the same.
type checksum uint64

func (c *checksum) add(operands [][]float32) {
	table := crc64.MakeTable(crc64.ISO)
	for _, o := range operands {
		for i, v := range o {
			if v != v {
				o[i] = float32(math.NaN())
			}
		}
		*c = checksum(crc64.Update(uint64(*c), table, unsafe.Slice((*byte)(unsafe.Pointer(&o[0])), 4*len(o))))
	}
}

// mix adds that of another run.
func (c *checksum) mix(other checksum) { *c = checksum(bits.RotateLeft64(uint64(*c), 1)) ^ other }

func (c checksum) String() string { return fmt.Sprintf("%016x", uint64(c)) }

// both runs a kernel on samples that hurt and on plain ones, which show what NaN would cover.
func both(seed, count, n int, run func(operands [][]float32)) (c checksum) {
	s := samples(seed)
	for _, operands := range [][][]float32{s.operands(count, n), s.plain(count, n)} {
		run(operands)
		c.add(operands)
	}
	return c
}

// elementSum, columnSum and the others run kernels on sizes that leave any number of lanes over.
func elementSum(set instructions, k kernel) (c checksum) {
	v := vectors{set, k, [6]float32{0.75, 6, 0.125, 1 / 0.75, 0.0625}}
	for n := 1; n < 40; n++ {
		c.mix(both(n, 6, n, func(operands [][]float32) { v.elements(0, n, operands...) }))
	}
	return c
}

func columnSum(set instructions, k kernel) (c checksum) {
	v := vectors{set, k, [6]float32{0.1, 1e-3, 0.9, 0.1}}
	for rows := 1; rows < 11; rows++ {
		for _, cols := range []int{1, 2, 3, 4, 5, 7, 8, 9, 13, 15, 16, 17, 31, 33} {
			c.mix(both(rows, 9, rows*cols, func(operands [][]float32) { v.columns(rows, cols, 0, cols, operands...) }))
		}
	}
	return c
}

func longSum(set instructions, k kernel) (c checksum) {
	for n := 1; n < 140; n += 3 {
		c.mix(both(n, 2, n, func(operands [][]float32) { operands[1][0] = float32(sumOf(set, k, operands[0][:n])) }))
	}
	return c
}

func unfoldSum(set instructions) (c checksum) {
	const rows = 3
	for cols := 1; cols < 40; cols++ {
		c.mix(both(cols, 7, rows*cols, func(operands [][]float32) { unfold(set, rows, cols, operands...) }))
	}
	return c
}

func bytesSum(set instructions) (c checksum) {
	x, v := make([]byte, 100), vectors{set, scaleBytesKernel, [6]float32{1.0 / 255}}
	for i := range x {
		x[i] = byte(91 * i)
	}
	for n := 16; n < len(x); n += 9 {
		c.mix(both(n, 1, n, func(operands [][]float32) { v.bytes(x[:n], x, operands[0]) }))
	}
	return c
}

func checksums(set instructions) map[string]string {
	list := map[string]string{scaleBytesKernel.String(): bytesSum(set).String(), unfoldKernel.String(): unfoldSum(set).String()}
	for k := reluKernel; k <= absolutesKernel; k++ {
		switch {
		case k == scaleBytesKernel:
		case k <= adamKernel:
			list[k.String()] = elementSum(set, k).String()
		case k <= batchNormGradKernel:
			list[k.String()] = columnSum(set, k).String()
		default:
			list[k.String()] = longSum(set, k).String()
		}
	}
	return list
}

// A kernel writes the same bits with every set of instructions, of every machine, and nothing beyond its operands. After a change that is meant to
// change bits: go test ./cpu -run TestKernelsWriteTheSameBits -bits.
func TestKernelsWriteTheSameBits(t *testing.T) {
	if *writeBits {
		text, err := json.MarshalIndent(checksums(available()), "", "\t")
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(wanted, append(text, '\n'), 0o644))
	}
	text, err := os.ReadFile(wanted)
	require.NoError(t, err)
	var want map[string]string
	require.NoError(t, json.Unmarshal(text, &want))
	for _, set := range present() {
		if set.vectorised() {
			assert.Equal(t, want, checksums(set), "%s", set)
		}
	}
}

// Whole blocks are turned by a kernel, where there is one.
func TestTurn(t *testing.T) {
	for _, rows := range []int{1, 7, 8, 9, 16, 29} {
		for _, cols := range []int{1, 3, 8, 11, 24} {
			stride, width, s := cols+2, rows+3, samples(rows)
			x, y := s.operands(1, rows*stride)[0], make([]float32, cols*width)
			turn(y, width, x, rows, cols, stride)
			for i := range y {
				want := float32(0)
				if i%width < rows {
					want = x[i%width*stride+i/width]
				}
				assert.Equal(t, math.Float32bits(want), math.Float32bits(y[i]), "%d×%d at %d", rows, cols, i)
			}
		}
	}
}
