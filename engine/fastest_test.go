package engine

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/cpu"
	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/loss"
	"github.com/gradus-ml/gradus/engine/optim"
)

// slow is a device on which every program takes its time, and that knows whether it is closed.
type slow struct {
	backend.Backend
	closed *bool
}

type slowProgram struct{ backend.Program }

func (s slow) Info() backend.Info { return backend.Info{Name: "slow", Device: "a snail", API: "go"} }
func (s slow) Close() error       { *s.closed = true; return s.Backend.Close() }
func (s slow) Compile(list []backend.Op) (backend.Program, error) {
	p, err := s.Backend.Compile(list)
	return slowProgram{p}, err
}
func (p slowProgram) Run(times int) error {
	time.Sleep(time.Duration(times) * 5 * time.Millisecond)
	return p.Program.Run(times)
}

func TestFastest(t *testing.T) {
	closed := false
	snail := func() (backend.Backend, error) { return slow{backendtest.NewOracle(), &closed}, nil }
	none := func() (backend.Backend, error) { return nil, errors.New("no GPU here") }
	for _, openers := range [][]backend.Opener{{none, snail, cpu.Open}, {cpu.Open, none, snail}} {
		closed = false
		choice, err := Fastest(context.Background(), small(), smallTraining(), 16, openers...)
		require.NoError(t, err)
		assert.Equal(t, "cpu", choice.Info().Name)
		assert.True(t, closed, "what is not taken is closed")
		assert.Len(t, choice.Timings, 3)
		assert.Contains(t, choice.String(), "not used: no GPU here\n")
		assert.Contains(t, choice.String(), "slower:   slow: a snail (go), ")
		assert.Contains(t, choice.String(), "taken:    cpu: ")
		m := compileSmall(t, choice)
		_, err = m.Fit(context.Background(), blobs(30), Fit{})
		require.NoError(t, err)
	}
	choice, err := Fastest(context.Background(), twoHeads(), Training{Outputs: []Output{{Loss: loss.SparseCategoricalCrossentropy{}}, {Loss: loss.MeanSquaredError{}}}, Optimizer: optim.SGD{}}, 4, backendtest.OpenOracle)
	require.NoError(t, err)
	require.NoError(t, choice.Close())
	choice, err = Fastest(context.Background(), wideAndDeep(), smallTraining(), 4, backendtest.OpenOracle)
	require.NoError(t, err)
	require.NoError(t, choice.Close())
}

func TestFastestRefused(t *testing.T) {
	none := func() (backend.Backend, error) { return nil, errors.New("no GPU here") }
	_, err := Fastest(context.Background(), small(), smallTraining(), 0, cpu.Open)
	assert.ErrorContains(t, err, "batch size is 0")
	_, err = Fastest(context.Background(), small(), smallTraining(), 8)
	assert.ErrorContains(t, err, "no backends")
	_, err = Fastest(context.Background(), small(), smallTraining(), 8, none, none)
	assert.ErrorContains(t, err, "none of 2 backends can train")
	_, err = Fastest(context.Background(), small(), Training{}, 8, backendtest.OpenOracle)
	assert.ErrorContains(t, err, "Training.Loss is missing")
}
