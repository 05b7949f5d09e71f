package engine

import (
	"errors"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/graph"
	"github.com/gradus-ml/gradus/engine/ops"
	"github.com/gradus-ml/gradus/internal/progress"
)

// trainer is a Fit under way.
type trainer struct {
	*Model
	fit        Fit
	pass       *pass
	rates      ops.Rates      // the optimizer's, of each step of the epoch
	grads      backend.Region // the sum of the gradients of a step's parts; none where a step has one
	validation *pass
	bar        *progress.Bar
	callbacks  callbacks
	first      int // epochs before this Fit
	history    *History
	at         Position // in the epoch under way
	through    bool     // its steps are all made
	snapshot   snapshot
}

func (m *Model) newTrainer(train, validation material, fit Fit) (*trainer, error) {
	t := &trainer{Model: m, fit: fit, bar: progress.New(fit.Progress), callbacks: fit.Callbacks, first: m.epochs, history: &History{}}
	err := errors.Join(t.prepareTraining(train), t.prepareValidation(validation))
	if err == nil && t.callbacks.tracing() {
		t.tracer, err = t.newTracer()
	}
	if err != nil {
		t.release()
		return nil, err
	}
	return t, nil
}

func (t *trainer) prepareTraining(train material) error {
	if err := t.upload(train); err != nil {
		return err
	}
	if err := t.allocateRates(); err != nil {
		return err
	}
	return t.compileSteps()
}

// upload brings the examples to the device, or makes room for those of a stream.
func (t *trainer) upload(train material) (err error) {
	train = train.answering(t.Model).weighted(t.fit.ClassWeight)
	if t.pass, err = newPass(t.dev, train, t.fit.BatchSize, t.fit.DropRemainder); err != nil {
		return err
	}
	t.pass.stops = max(0, t.fit.Snapshot)
	if t.fit.MicroBatch > 0 {
		t.pass.part = t.fit.MicroBatch
	}
	return nil
}

// allocateRates makes room for the rates, which are written when an epoch begins, or a chunk of a stream.
func (t *trainer) allocateRates() error {
	columns := len(t.training.Optimizer.Rates(t.steps, 1))
	table, err := t.dev.Alloc(backend.F32, t.pass.capacity*columns)
	if err != nil {
		return err
	}
	t.rates = ops.Rates{Table: backend.Whole(table), Clock: t.pass.clock, Steps: t.pass.capacity, Columns: columns}
	return nil
}

func (t *trainer) compileSteps() (err error) {
	if t.grads, err = t.sumOfGradients(); err != nil {
		return err
	}
	return t.pass.compile(t.store, graph.Training, widthOf(t.scores), t.record)
}

func (t *trainer) prepareValidation(validation material) (err error) {
	if validation.given() {
		t.validation, err = t.newScoring(validation)
	}
	return err
}

func (t *trainer) release() {
	if t.tracer != nil {
		t.tracer.release()
		t.tracer = nil
	}
	for _, p := range []*pass{t.pass, t.validation} {
		if p != nil {
			p.release()
		}
	}
	for _, r := range []backend.Region{t.rates.Table, t.grads} {
		if r.Buffer != nil {
			r.Buffer.Release()
		}
	}
}
