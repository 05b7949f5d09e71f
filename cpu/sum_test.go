package cpu

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/ops"
)

// everySet are the sets of instructions that this machine has, Go's among them, on one thread and on three.
func everySet() (list []Options) {
	for _, set := range present() {
		list = append(list, Options{Threads: 1, Instructions: set.String()}, Options{Threads: 3, Instructions: set.String()})
	}
	return list
}

// penalties returns the results of penalties with the factors, by instructions and threads.
func penalties(t *testing.T, build func(in *backendtest.Inputs) backend.Region, l1, l2 float32) map[string]float32 {
	results := map[string]float32{}
	for _, o := range everySet() {
		dev, err := OpenWith(o)
		require.NoError(t, err)
		in := backendtest.NewInputs(t, dev, 7)
		x, sum := build(in), in.Result(1)
		execute(t, dev, []backend.Op{ops.Penalty{X: x, Sum: sum, N: x.Len, L1: l1, L2: l2}})
		results[fmt.Sprintf("%+v", o)] = download(t, dev, sum)[0]
		require.NoError(t, dev.Close())
	}
	return results
}

// Long sums are the same bits for all instructions, Go's too, and any number of threads.
func TestSumsAgreeToTheBit(t *testing.T) {
	for _, n := range []int{1, 31, 32, 33, 1009, sumBlock - 1, sumBlock, sumBlock + 1, 20*sumBlock + 33, 500_009} {
		for _, l := range [][2]float32{{0, 1}, {0.3, 0}, {0.7, 0.1}} {
			results := penalties(t, func(in *backendtest.Inputs) backend.Region { return in.Normal(n, 0.1, 1) }, l[0], l[1])
			want := results[fmt.Sprintf("%+v", everySet()[0])]
			for name, got := range results {
				assert.Equal(t, want, got, "%d elements, %v: %s", n, l, name)
			}
		}
	}
}

// What is not finite shows, wherever it stands; a sum of squares of infinite numbers is NaN, as 0·∞ of its L1 is.
func TestSumsOfWhatIsNotFinite(t *testing.T) {
	for _, odd := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		for _, at := range []int{0, 31, 40, sumBlock, sumBlock + 60, sumBlock + 68} {
			build := func(in *backendtest.Inputs) backend.Region {
				return in.Fill(sumBlock+69, func(i int) float64 {
					if i == at {
						return odd
					}
					return 1
				})
			}
			for name, got := range penalties(t, build, 0, 1) {
				assert.True(t, math.IsNaN(float64(got)), "%v at %d: %s: %v", odd, at, name, got)
			}
		}
	}
}

func TestSumsAllocateNothing(t *testing.T) {
	dev, err := OpenWith(Options{Threads: 1})
	require.NoError(t, err)
	defer dev.Close()
	in := backendtest.NewInputs(t, dev, 7)
	p, err := dev.Compile([]backend.Op{ops.Penalty{X: in.Normal(70_001, 0, 1), Sum: in.Result(1), N: 70_001, L1: 1, L2: 1}})
	require.NoError(t, err)
	assert.Zero(t, testing.AllocsPerRun(10, func() { require.NoError(t, p.Run(1)) }))
}
