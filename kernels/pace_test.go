package kernels

import (
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func uintString(n uint64) string { return strconv.FormatUint(n, 10) }

func TestPace(t *testing.T) {
	for name, row := range map[string]struct {
		before, n int
		took      time.Duration
		exact     bool
		want      int
	}{
		"just right":            {100, 100, portion, true, 100},
		"short: four times":     {100, 100, time.Millisecond, true, 400},
		"a little short":        {100, 100, portion / 2, true, 200},
		"too long":              {100, 100, 2 * portion, true, 50},
		"far too long":          {100, 100, 1000 * portion, true, 1},
		"one, and too long":     {1, 1, 9 * portion, true, 1},
		"a part of the portion": {100, 10, portion / 10, true, 100},
		"no time at all":        {100, 100, 0, true, 400},
		"as many as there may":  {mostCommands, mostCommands, time.Millisecond, true, mostCommands},
		"at most short":         {100, 100, portion / 2, false, 200},
		"at most long":          {100, 100, 9 * portion, false, 100},
	} {
		p := pace{commands: row.before}
		p.learn(row.n, row.took, row.exact)
		assert.Equal(t, row.want, p.commands, name)
	}
}

// TestFlight holds that a submission's time begins when the one before ended, if that was seen.
func TestFlight(t *testing.T) {
	start := time.Now()
	at := func(ms int) time.Time { return start.Add(time.Duration(ms) * time.Millisecond) }
	p, f := &pace{commands: 100}, flight{}
	f.account(airborne{1, p, 100, at(0)}, at(50), true)
	assert.Equal(t, 100, p.commands)
	f.account(airborne{2, p, 100, at(1)}, at(75), true) // 25 ms after the first
	assert.Equal(t, 200, p.commands)
	f.account(airborne{3, p, 200, at(60)}, at(1000), false) // over long ago
	assert.Equal(t, 200, p.commands)
	assert.Equal(t, at(75), f.landed)
}
