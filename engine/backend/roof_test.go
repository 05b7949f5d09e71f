package backend

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestRoof(t *testing.T) {
	r := Roof{FLOPs: 100, Copies: []Copy{{10, 50}, {1000, 20}}}
	for _, c := range []struct{ bytes, perSecond float64 }{{1, 50}, {10, 50}, {11, 20}, {1000, 20}, {5000, 20}} {
		assert.Equal(t, c.perSecond, r.Bandwidth(int64(c.bytes)), "%v bytes", c.bytes)
	}
	arithmetic, traffic := r.Seconds(Cost{FLOPs: 300, Bytes: 40})
	assert.Equal(t, 3.0, arithmetic)
	assert.Equal(t, 2.0, traffic)
	arithmetic, traffic = Roof{}.Seconds(Cost{FLOPs: 300, Bytes: 40})
	assert.Zero(t, arithmetic+traffic, "nothing is known")
}
