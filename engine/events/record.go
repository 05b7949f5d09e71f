package events

import (
	"encoding/binary"
	"hash/crc32"
	"io"
)

// castagnoli is the polynomial of CRC-32C.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// masked is a CRC-32C as records hold it: a checksum of data that itself holds checksums would be weak.
//
//	masked = rotate(crc, 15 to the right) + 0xa282ead8
func masked(data []byte) uint32 {
	crc := crc32.Checksum(data, castagnoli)
	return (crc>>15 | crc<<17) + 0xa282ead8
}

// writeRecord writes a record of TensorFlow's: the length as 8 bytes, its masked CRC, the data, its masked CRC; all little-endian.
func writeRecord(w io.Writer, data []byte) error {
	record := binary.LittleEndian.AppendUint64(nil, uint64(len(data)))
	record = binary.LittleEndian.AppendUint32(record, masked(record))
	record = append(record, data...)
	_, err := w.Write(binary.LittleEndian.AppendUint32(record, masked(data)))
	return err
}
