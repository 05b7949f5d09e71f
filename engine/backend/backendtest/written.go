package backendtest

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend"
)

// Written returns the bits of every f32 operand that the operations write, in order, those of one NaN for all, to compare runs to the bit.
func Written(t testing.TB, dev backend.Backend, list []backend.Op) (bits []uint32) {
	t.Helper()
	for _, op := range list {
		for _, o := range op.Operands() {
			if !o.Access.Writes() || o.Region.Kind() != backend.F32 {
				continue
			}
			values := make([]float32, o.Region.Len)
			require.NoError(t, backend.Download(dev, values, o.Region))
			for _, v := range values {
				bits = append(bits, bitsOf(v))
			}
		}
	}
	return bits
}

func bitsOf(v float32) uint32 {
	if v != v {
		return 0x7fc00000
	}
	return math.Float32bits(v)
}
