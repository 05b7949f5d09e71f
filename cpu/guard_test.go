package cpu

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/ops"
)

// Products stay near what the machine computes at most: a ratio of two loops in one process, in turns, the fastest of each. They are short, so that some
// rounds are not interrupted on a busy machine.
func TestProductsNearThePeak(t *testing.T) {
	const alarm = 0.6 // measured: 0.7 to 0.95
	for _, set := range present()[1:] {
		dev, err := OpenWith(Options{Threads: 1, Instructions: set.String()})
		require.NoError(t, err)
		defer dev.Close()
		in := backendtest.NewInputs(t, dev, 1)
		for _, o := range []ops.MatMul{{M: 256, N: 256, K: 256}, {M: 256, N: 256, K: 256, TransposeA: true}, {M: 256, N: 256, K: 256, TransposeB: true}} {
			o.A, o.B, o.C = in.Normal(o.M*o.K, 0, 1), in.Normal(o.K*o.N, 0, 1), in.Result(o.M*o.N)
			p, err := dev.Compile([]backend.Op{o})
			require.NoError(t, err)
			share := shareOfPeak(t, dev.(*Backend), p, o.Cost().FLOPs)
			name := fmt.Sprintf("%v %dx%dx%d, transposed %v %v", set, o.M, o.N, o.K, o.TransposeA, o.TransposeB)
			t.Logf("%s: %.2f of the peak", name, share)
			assert.Greater(t, share, alarm, name)
		}
	}
	if available() == generic {
		t.Skip("NOT TESTED: how near products are to the peak: this machine has no vector kernels")
	}
}

func shareOfPeak(t *testing.T, dev *Backend, p backend.Program, flops int64) float64 {
	best, peak := time.Hour, 0.0
	for range 6 {
		for range 8 {
			start := time.Now()
			require.NoError(t, p.Run(1))
			best = min(best, time.Since(start))
		}
		peak = max(peak, dev.arithmetic())
	}
	return float64(flops) / best.Seconds() / peak
}
