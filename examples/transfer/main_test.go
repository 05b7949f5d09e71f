package main

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/data/fashion"
)

func TestDivide(t *testing.T) {
	train, test, err := fashion.Load("")
	require.NoError(t, err)
	sets, err := divide(train, test)
	require.NoError(t, err)
	assert.Equal(t, []int{8000, 1600, 200, 400}, []int{sets.trainA.Len(), sets.testA.Len(), sets.trainB.Len(), sets.testB.Len()})
	assert.Equal(t, []string{"T-shirt/top", "Pullover"}, sets.trainB.Names)
	assert.Equal(t, 8, sets.trainA.Classes())
	require.NoError(t, sets.testA.Check())
	require.NoError(t, sets.testB.Check())
}

func TestRun(t *testing.T) {
	require.NoError(t, run(context.Background(), "", 1, 2))
	assert.ErrorContains(t, run(context.Background(), "", 0, 1), "-epochs is 0 and -runs 1")
	assert.ErrorContains(t, run(context.Background(), "/nowhere", 1, 1), "/nowhere has neither")
}
