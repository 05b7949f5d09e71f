package events_test

import (
	"encoding/binary"
	"math"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"
)

// The reader of these tests is written from TensorFlow's description of its records (tensorflow/core/lib/io/record_writer.h) and messages (event.proto,
// summary.proto, histogram.proto, graph.proto), without the package that is tested, its schema or its checksum.

// crc32c is the checksum bit by bit: polynomial 0x1EDC6F41, reflected.
func crc32c(data []byte) uint32 {
	crc := ^uint32(0)
	for _, b := range data {
		crc ^= uint32(b)
		for range 8 {
			if crc&1 == 1 {
				crc = crc>>1 ^ 0x82F63B78
			} else {
				crc >>= 1
			}
		}
	}
	return ^crc
}

// unmasked undoes the masking of a checksum.
func unmasked(stored uint32) uint32 {
	rotated := stored - 0xa282ead8
	return rotated>>17 | rotated<<15
}

// records reads a file of records, each with both checksums right and nothing left over.
func records(t *testing.T, name string) [][]byte {
	raw, err := os.ReadFile(name)
	require.NoError(t, err)
	var list [][]byte
	for len(raw) > 0 {
		require.GreaterOrEqual(t, len(raw), 16)
		n := binary.LittleEndian.Uint64(raw)
		require.Equal(t, crc32c(raw[:8]), unmasked(binary.LittleEndian.Uint32(raw[8:])), "checksum of the length of record %d", len(list))
		require.LessOrEqual(t, n, uint64(len(raw)-16))
		data := raw[12 : 12+n]
		require.Equal(t, crc32c(data), unmasked(binary.LittleEndian.Uint32(raw[12+n:])), "checksum of record %d", len(list))
		list, raw = append(list, data), raw[16+n:]
	}
	return list
}

// fields are those of a message by number; those of fixed length are raw.
type fields map[protowire.Number][][]byte

func parse(t *testing.T, data []byte) fields {
	f := fields{}
	for len(data) > 0 {
		number, kind, n := protowire.ConsumeTag(data)
		require.Positive(t, n)
		data = data[n:]
		var value []byte
		if kind == protowire.BytesType {
			value, n = protowire.ConsumeBytes(data)
		} else {
			n = protowire.ConsumeFieldValue(number, kind, data)
			value = data[:max(n, 0)]
		}
		require.GreaterOrEqual(t, n, 0)
		f[number] = append(f[number], value)
		data = data[n:]
	}
	return f
}

func (f fields) text(number protowire.Number) string {
	if len(f[number]) == 0 {
		return ""
	}
	return string(f[number][0])
}

func (f fields) double(number protowire.Number) float64 {
	if len(f[number]) == 0 {
		return 0
	}
	return math.Float64frombits(binary.LittleEndian.Uint64(f[number][0]))
}

func (f fields) float(number protowire.Number) float64 {
	if len(f[number]) == 0 {
		return 0
	}
	return float64(math.Float32frombits(binary.LittleEndian.Uint32(f[number][0])))
}

func (f fields) integer(number protowire.Number) int {
	if len(f[number]) == 0 {
		return 0
	}
	v, _ := protowire.ConsumeVarint(f[number][0])
	return int(v)
}

func (f fields) doubles(number protowire.Number) []float64 {
	var list []float64
	for _, packed := range f[number] {
		for ; len(packed) >= 8; packed = packed[8:] {
			list = append(list, math.Float64frombits(binary.LittleEndian.Uint64(packed)))
		}
	}
	return list
}

// An event is what the tests look at.
type event struct {
	time    float64
	step    int
	version string
	graph   []byte
	tag     string
	value   float64
	histo   fields // nil if there is none
}

func read(t *testing.T, name string) []event {
	var list []event
	for _, data := range records(t, name) {
		f := parse(t, data)
		e := event{time: f.double(1), step: f.integer(2), version: f.text(3)}
		if len(f[4]) > 0 {
			e.graph = f[4][0]
		}
		if len(f[5]) > 0 {
			values := parse(t, f[5][0])[1]
			require.Len(t, values, 1)
			v := parse(t, values[0])
			e.tag, e.value = v.text(1), v.float(2)
			if len(v[5]) > 0 {
				e.histo = parse(t, v[5][0])
			}
		}
		list = append(list, e)
	}
	return list
}
