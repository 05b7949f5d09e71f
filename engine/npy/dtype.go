package npy

import (
	"encoding/binary"
	"math"
)

// dtype is a type of elements.
type dtype struct {
	width int
	// decode makes the number of its bytes. rounded says that a float32 may round it.
	decode func(b []byte) (v float64, rounded bool)
}

// dtypes are by NumPy's names: < is little-endian, > big-endian, | and = neither.
var dtypes = byName()

func byName() map[string]dtype {
	types := map[string]dtype{
		"|b1": {1, func(b []byte) (float64, bool) { return float64(min(b[0], 1)), false }},
		"|u1": {1, func(b []byte) (float64, bool) { return float64(b[0]), false }},
		"|i1": {1, func(b []byte) (float64, bool) { return float64(int8(b[0])), false }},
	}
	for order, from := range map[string]binary.ByteOrder{"<": binary.LittleEndian, ">": binary.BigEndian} {
		types[order+"u2"] = dtype{2, func(b []byte) (float64, bool) { return float64(from.Uint16(b)), false }}
		types[order+"u4"] = dtype{4, func(b []byte) (float64, bool) { return float64(from.Uint32(b)), false }}
		types[order+"u8"] = dtype{8, func(b []byte) (float64, bool) { return float64(from.Uint64(b)), false }}
		types[order+"i2"] = dtype{2, func(b []byte) (float64, bool) { return float64(int16(from.Uint16(b))), false }}
		types[order+"i4"] = dtype{4, func(b []byte) (float64, bool) { return float64(int32(from.Uint32(b))), false }}
		types[order+"i8"] = dtype{8, func(b []byte) (float64, bool) { return float64(int64(from.Uint64(b))), false }}
		types[order+"f2"] = dtype{2, func(b []byte) (float64, bool) { return half(from.Uint16(b)), true }}
		types[order+"f4"] = dtype{4, func(b []byte) (float64, bool) { return float64(math.Float32frombits(from.Uint32(b))), true }}
		types[order+"f8"] = dtype{8, func(b []byte) (float64, bool) { return math.Float64frombits(from.Uint64(b)), true }}
	}
	return types
}

// half is the number of IEEE 754's binary16: 5 bits of exponent and 10 of fraction.
func half(b uint16) float64 {
	sign, exponent, fraction := 1.0, int(b>>10&31), float64(b&1023)
	if b>>15 == 1 {
		sign = -1
	}
	switch {
	case exponent == 0:
		return sign * math.Ldexp(fraction, -24)
	case exponent == 31 && fraction == 0:
		return math.Inf(int(sign))
	case exponent == 31:
		return math.NaN()
	}
	return sign * math.Ldexp(1024+fraction, exponent-25)
}
