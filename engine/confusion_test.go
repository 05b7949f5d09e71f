package engine

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/data"
	"github.com/gradus-ml/gradus/engine/loss"
)

func TestConfusionMatrix(t *testing.T) {
	// the largest outputs are 0, 0, 1, 2, 2 and, of two equal ones, the first, 1
	outputs := []float32{3, 1, 2, 5, 0, 1, 0, 9, 1, 0, 1, 2, -3, -2, -1, 0, 4, 4}
	want := [][]int{{1, 1, 0}, {1, 0, 0}, {0, 1, 2}}
	targets := []float32{1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 0.1, 0.2, 0.7, 0, 0, 1}
	for _, device := range devices {
		for name, set := range map[string]*data.Set{
			"labels":  predicted(outputs, 3, nil, []int{0, 1, 0, 2, 2, 2}),
			"targets": predicted(outputs, 3, targets, nil),
		} {
			t.Run(name+" "+device.name, func(t *testing.T) {
				m := passing(t, device.open(t), 3, loss.MeanSquaredError{})
				matrix, err := m.ConfusionMatrix(context.Background(), set)
				require.NoError(t, err)
				assert.Equal(t, want, matrix)
			})
		}
	}
}

func TestConfusionMatrixRefused(t *testing.T) {
	m := passing(t, backendtest.NewOracle(), 1, loss.MeanSquaredError{})
	_, err := m.ConfusionMatrix(context.Background(), predicted([]float32{1}, 1, nil, []int{1}))
	assert.ErrorContains(t, err, "engine: confusion matrix: the network's output is [1], want [classes] with 2 or more")
	_, err = m.ConfusionMatrix(context.Background(), nil)
	assert.ErrorContains(t, err, "no data set")
}
