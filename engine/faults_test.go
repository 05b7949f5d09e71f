package engine

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/backend/backendtest"
	"github.com/gradus-ml/gradus/engine/backend/faulty"
)

// use does what users do: compile, train with a validation and callbacks, evaluate, predict, diagnose, fuse. The first error ends it.
func use(dev backend.Backend) (err error) {
	m, err := Compile(dev, small(), smallTraining())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.Close()) }()
	fit := Fit{BatchSize: 16, Validation: blobs(20), MicroBatch: 8, Callbacks: []Callback{&EarlyStopping{RestoreBestWeights: true}, TerminateOnNaN{}}}
	if _, err := m.Fit(context.Background(), blobs(40), fit); err != nil {
		return err
	}
	if _, err := m.Evaluate(context.Background(), blobs(20)); err != nil {
		return err
	}
	if _, err := m.Predict(context.Background(), blobs(20)); err != nil {
		return err
	}
	if _, err := m.ConfusionMatrix(context.Background(), blobs(20)); err != nil {
		return err
	}
	if _, err := m.Diagnose(context.Background(), blobs(20)); err != nil {
		return err
	}
	if err := m.Freeze("dense"); err != nil {
		return err
	}
	fused, _, err := m.Fuse(context.Background(), blobs(20))
	if err != nil {
		return err
	}
	return fused.Close()
}

// Whichever call of the device fails first, the error is told, nothing panics, and everything is given back.
func TestFaults(t *testing.T) {
	for _, how := range []faulty.How{faulty.Lose, faulty.Fail} {
		for _, call := range faulty.Calls() {
			t.Run(fmt.Sprintf("%v lost %v", call, how == faulty.Lose), func(t *testing.T) { failEach(t, call, how) })
		}
	}
}

func failEach(t *testing.T, call faulty.Call, how faulty.How) {
	for n := 0; ; n++ {
		oracle := backendtest.NewOracle()
		dev := faulty.Wrap(oracle, faulty.Fault{Call: call, After: n, How: how})
		err := use(dev)
		require.Zero(t, oracle.Live(), "buffers left after %v number %d failed", call, n)
		require.Zero(t, dev.Programs(), "programs left after %v number %d failed", call, n)
		if dev.Pending() > 0 {
			require.NoError(t, err)
			assert.Positive(t, n)
			t.Logf("%d faults", n)
			return
		}
		require.ErrorIs(t, err, faulty.ErrInjected, "%v number %d", call, n)
	}
}

// A fault in the midst of an epoch names the steps, and the history has what was trained before.
func TestFaultInEpoch(t *testing.T) {
	dev := faulty.Wrap(backendtest.NewOracle())
	m, err := Compile(dev, small(), smallTraining())
	require.NoError(t, err)
	history, err := m.Fit(context.Background(), blobs(64), Fit{Epochs: 5, BatchSize: 4, Callbacks: []Callback{EpochFunc(func(_ *Model, e Epoch) error {
		if e.Number == 2 {
			dev.Inject(faulty.Fault{Call: faulty.Run, After: 2, How: faulty.Lose})
		}
		return nil
	})}})
	require.ErrorIs(t, err, faulty.ErrInjected)
	assert.Regexp(t, fmt.Sprintf(`engine: fit: epoch 3: steps \d+ to \d+ of 16: run number \d+: %v`, faulty.ErrInjected), err.Error())
	assert.GreaterOrEqual(t, len(history.Epochs), 2)
	assert.ErrorIs(t, m.Close(), faulty.ErrInjected, "the model tells that the device is lost")
}
