package engine

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/cpu"
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/backend/faulty"
	"github.com/gradus-ml/gradus/engine/ops"
)

// A spread says how far float32 may take what a run ends with, by the result's name.
type spread map[string]float64

// spreadOf runs on oracles that round at random, and returns four times the furthest that an element of each result came from the exact: cpu and lavapipe
// come to a seventh of that. No kernel has a part in it, so that a fault which is larger than rounding shows.
func spreadOf(run func(dev backend.Backend) map[string][]float64) spread {
	const seeds, factor = 8, 4
	exact, s := run(backendtest.NewOracle()), spread{}
	for seed := range uint64(seeds) {
		for name, got := range run(backendtest.NewRounded(seed)) {
			for i, v := range exact[name] {
				s[name] = max(s[name], factor*math.Abs(got[i]-v))
			}
		}
	}
	return s
}

// bound is how far a number may be from the one wanted: on the oracle what rates of float32 and the reading of results leave, elsewhere the spread besides.
func (s spread) bound(device, name string, want float64) float64 {
	left := 1e-7 * (1 + math.Abs(want))
	if device == "oracle" {
		return left
	}
	return left + s[name]
}

// holds compares what a run gave, by name, with what it should.
func (s spread) holds(t *testing.T, device opened, got, want map[string][]float64) {
	t.Helper()
	for name, values := range want {
		require.Len(t, got[name], len(values), name)
		for i, w := range values {
			if d, bound := math.Abs(got[name][i]-w), s.bound(device.name, name, w); !(d <= bound) {
				t.Errorf("%s[%d] = %v, want %v (off by %.3g, tolerance %.3g)", name, i, got[name][i], w, d, bound)
			}
		}
	}
}

// share is the largest error in units of the bound.
func (s spread) share(got, want map[string][]float64) (most float64) {
	for name, values := range want {
		for i, w := range values {
			most = max(most, math.Abs(got[name][i]-w)/s.bound("cpu", name, w))
		}
	}
	return most
}

// Faults that are small, but larger than rounding, come out of the bounds of a trajectory; on a device without one it stays within a quarter of them.
func TestSpreadShowsFaults(t *testing.T) {
	tr := readTrajectory(t)
	const run = 1
	s, want := tr.spreads(t)[run], tr.wanted(run)
	for name, fault := range map[string]func(op backend.Op) backend.Op{
		"none": func(op backend.Op) backend.Op { return op },
		"epsilon of BatchNorm 1 % too large": func(op backend.Op) backend.Op {
			if o, ok := op.(ops.BatchNorm); ok {
				o.Epsilon *= 1.01
				return o
			}
			return op
		},
		"momentum of the moving averages": func(op backend.Op) backend.Op {
			if o, ok := op.(ops.BatchNorm); ok {
				o.Momentum += 1e-6
				return o
			}
			return op
		},
		"slope of ELU": func(op backend.Op) backend.Op {
			if o, ok := op.(ops.ActivationGrad); ok {
				o.Alpha *= 1 + 3e-5
				return o
			}
			return op
		},
	} {
		t.Run(name, func(t *testing.T) {
			dev, err := cpu.Open()
			require.NoError(t, err)
			defer dev.Close()
			share := s.share(tr.run(t, faulty.Wrong(dev, fault), run).named(), want)
			t.Logf("%.2f of the bound", share)
			if name == "none" {
				assert.Less(t, share, 0.25)
			} else {
				assert.Greater(t, share, 1.0)
			}
		})
	}
}
