package cpu

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/ops"
)

// guarded are operations whose kernels must not fall back to what Go makes of them; measured are ratios of 5 to 90.
var guarded = map[string]func(in *backendtest.Inputs) backend.Op{
	"elu": func(in *backendtest.Inputs) backend.Op {
		return ops.Activation{X: in.Normal(1<<16, 0, 1), Y: in.Result(1 << 16), N: 1 << 16, Function: ops.ELU, Options: ops.Options{Alpha: 1}}
	},
	"gelu grad": func(in *backendtest.Inputs) backend.Op {
		return ops.ActivationGrad{X: in.Normal(1<<16, 0, 1), DY: in.Normal(1<<16, 0, 1), DX: in.Result(1 << 16), N: 1 << 16, Function: ops.GELU}
	},
	"penalty": func(in *backendtest.Inputs) backend.Op {
		return ops.Penalty{X: in.Normal(1<<16, 0, 1), Sum: in.Result(1), N: 1 << 16, L2: 1}
	},
	"batchnorm": func(in *backendtest.Inputs) backend.Op {
		list, _, _ := inputNorm(in, 64, 512, 1)
		return list[0]
	},
	"batchnorm grad": func(in *backendtest.Inputs) backend.Op {
		list, _, _ := inputNorm(in, 64, 512, 1)
		return list[4]
	},
	"matmul": func(in *backendtest.Inputs) backend.Op {
		return ops.MatMul{A: in.Normal(1<<14, 0, 1), B: in.Normal(1<<14, 0, 1), C: in.Result(1 << 14), M: 128, N: 128, K: 128, TransposeB: true}
	},
}

// The alarm is generous, since machines are busy; it is a ratio within one process.
func TestKernelsAreFast(t *testing.T) {
	if !available().vectorised() {
		t.Skip("NOT TESTED: how fast vector kernels are: this machine has none")
	}
	for name, build := range guarded {
		plain, fast := bestTime(t, Options{Threads: 1, Instructions: "go"}, build), bestTime(t, Options{Threads: 1}, build)
		t.Logf("%s: %v by Go, %v by kernels", name, plain, fast)
		assert.Greater(t, plain.Seconds(), 2*fast.Seconds(), "%s: %v by Go, %v by kernels, want less than half", name, plain, fast)
	}
}

func bestTime(t *testing.T, o Options, build func(in *backendtest.Inputs) backend.Op) time.Duration {
	dev, err := OpenWith(o)
	require.NoError(t, err)
	defer dev.Close()
	p, err := dev.Compile([]backend.Op{build(backendtest.NewInputs(t, dev, 1))})
	require.NoError(t, err)
	best := time.Hour
	for range 20 {
		start := time.Now()
		require.NoError(t, p.Run(1))
		best = min(best, time.Since(start))
	}
	return best
}
