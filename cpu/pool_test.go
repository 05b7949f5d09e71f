package cpu

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// After a helper has stalled, the caller works alone for a while; a part that takes long is no stall.
func TestRestAfterStall(t *testing.T) {
	for name, row := range map[string]struct {
		waited, part time.Duration
		rests        bool
	}{
		"at once":           {0, 10 * time.Microsecond, false},
		"a part's length":   {50 * time.Millisecond, 50 * time.Millisecond, false},
		"stopped in a part": {3 * time.Second, 10 * time.Microsecond, true},
	} {
		p := &pool{}
		p.judge(row.waited, row.part)
		assert.Equal(t, row.rests, p.resting(), name)
	}
	over := &pool{alone: time.Now().Add(-time.Second)}
	assert.False(t, over.resting())
	assert.Zero(t, over.alone)
}
