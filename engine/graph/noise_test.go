package graph_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/graph"
)

// drawn runs a step of two RReLUs of −1 as often as asked and returns their outputs, of which the slopes are the opposite.
func drawn(t *testing.T, oracle *backendtest.Oracle, store *graph.Store, n, times int) (first, second []float64) {
	r := graph.NewRecorder(store, graph.Training)
	x := r.Input(false, n)
	for i := range n {
		oracle.Float64s(x.Value())[i] = -1
	}
	a, b := graph.RReLU(r, x, 0.125, 1.0/3), graph.RReLU(r, x, 0.125, 1.0/3)
	r.Keep(a)
	r.Keep(b)
	step, err := r.Compile()
	require.NoError(t, err)
	require.NoError(t, step.Run(times))
	return oracle.Float64s(a.Value()), oracle.Float64s(b.Value())
}

func storeOf(t *testing.T, oracle *backendtest.Oracle, seed uint64) *graph.Store {
	store, err := graph.NewStore(oracle, nil, seed)
	require.NoError(t, err)
	t.Cleanup(store.Release)
	return store
}

// The slopes are uniform, and others for each operation, step and seed; a later recording goes on where an earlier one ended.
func TestNoise(t *testing.T) {
	const n = 40_000
	oracle := backendtest.NewOracle()
	store := storeOf(t, oracle, 5)
	first, second := drawn(t, oracle, store, n, 1)
	mean, variance := 0.0, 0.0
	for _, y := range first {
		assert.True(t, -y >= 0.125 && -y < 1.0/3, "slope %v", -y)
		mean -= y / n
		variance += math.Pow(-y-11.0/48, 2) / n
	}
	sigma := (1.0/3 - 0.125) / math.Sqrt(12)
	assert.InDelta(t, 11.0/48, mean, 5*sigma/math.Sqrt(n))
	assert.InDelta(t, 1, variance/sigma/sigma, 0.02)

	later, _ := drawn(t, oracle, store, n, 1)
	replayed, again := drawn(t, oracle, storeOf(t, oracle, 5), n, 2)
	other, _ := drawn(t, oracle, storeOf(t, oracle, 6), n, 1)
	assert.Equal(t, later, replayed, "the second step, of one recording or of two")
	for what, values := range map[string][]float64{"the second operation": second, "the second step": later, "another seed": other, "both": again} {
		same := 0
		for i, y := range values {
			if y == first[i] {
				same++
			}
		}
		assert.Less(t, same, 5, "slopes that %s shares with the first", what)
	}
}
