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
)

var errInjected = errors.New("injected fault")

// fragile is a device on which one call of one kind fails, and every later one, as on a device that is lost. It counts what is held.
type fragile struct {
	backend.Backend
	kind     string // of the calls that count
	left     int    // calls until the fault
	lost     bool
	programs int
}

// call reports the fault if this is the call, or a later one.
func (f *fragile) call(kind string) error {
	if kind == f.kind {
		f.left--
	}
	if f.lost = f.lost || kind == f.kind && f.left < 0; f.lost {
		return errInjected
	}
	return nil
}

func (f *fragile) Alloc(kind backend.Kind, n int) (backend.Buffer, error) {
	if err := f.call("alloc"); err != nil {
		return nil, err
	}
	return f.Backend.Alloc(kind, n)
}

func (f *fragile) Write(dst backend.Region, src []byte) error {
	return errors.Join(f.call("write"), f.Backend.Write(dst, src))
}

func (f *fragile) Read(dst []byte, src backend.Region) error {
	return errors.Join(f.call("read"), f.Backend.Read(dst, src))
}

func (f *fragile) Sync() error { return errors.Join(f.call("sync"), f.Backend.Sync()) }

type fragileProgram struct {
	backend.Program
	dev *fragile
}

func (f *fragile) Compile(list []backend.Op) (backend.Program, error) {
	if err := f.call("compile"); err != nil {
		return nil, err
	}
	p, err := f.Backend.Compile(list)
	if err == nil {
		f.programs++
		p = &fragileProgram{p, f}
	}
	return p, err
}

func (p *fragileProgram) Run(times int) error {
	if err := p.dev.call("run"); err != nil {
		return err
	}
	return p.Program.Run(times)
}

func (p *fragileProgram) Release() {
	p.dev.programs--
	p.Program.Release()
}

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
	for _, kind := range []string{"alloc", "write", "read", "compile", "run", "sync"} {
		t.Run(kind, func(t *testing.T) {
			faults := 0
			for n := 0; ; n++ {
				oracle := backendtest.NewOracle()
				dev := &fragile{Backend: oracle, kind: kind, left: n}
				err := use(dev)
				require.Zero(t, oracle.Live(), "buffers left after %s number %d failed", kind, n)
				require.Zero(t, dev.programs, "programs left after %s number %d failed", kind, n)
				if !dev.lost {
					require.NoError(t, err)
					break
				}
				faults++
				require.ErrorIs(t, err, errInjected, "%s number %d", kind, n)
			}
			assert.Positive(t, faults)
			t.Logf("%d faults", faults)
		})
	}
}

// A fault in the midst of an epoch names the steps, and the history has what was trained before.
func TestFaultInEpoch(t *testing.T) {
	dev := &fragile{Backend: backendtest.NewOracle(), kind: "run", left: 1 << 30}
	m, err := Compile(dev, small(), smallTraining())
	require.NoError(t, err)
	history, err := m.Fit(context.Background(), blobs(64), Fit{Epochs: 5, BatchSize: 4, Callbacks: []Callback{EpochFunc(func(_ *Model, e Epoch) error {
		if e.Number == 2 {
			dev.left = 2
		}
		return nil
	})}})
	require.ErrorIs(t, err, errInjected)
	assert.Regexp(t, fmt.Sprintf(`engine: fit: epoch 3: steps \d+ to \d+ of 16: %v`, errInjected), err.Error())
	assert.GreaterOrEqual(t, len(history.Epochs), 2)
	assert.ErrorIs(t, m.Close(), errInjected, "the model tells that the device is lost")
}
