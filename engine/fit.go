package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/data"
)

// Fit says how long and on what to train. The defaults are Keras's.
type Fit struct {
	Epochs     int         // passes over the training set; zero means 1
	BatchSize  int         // examples of a step; zero means 32, or all if there are fewer
	Validation data.Source // a set or a stream that is scored after each epoch, if given
	// ClassWeight multiplies the loss of the examples of a class, in training alone; 1 for classes that are not in it. The set has labels.
	ClassWeight map[int]float32
	// MicroBatch is how many examples pass through the network at once, to save memory: a batch is made of as many micro-batches as it
	// takes, whose gradients are added up (Keras's gradient_accumulation_steps, less one update over the whole batch). The update
	// is the batch's, but for BatchNorm, which sees micro-batches. It divides BatchSize; zero means all at once.
	MicroBatch int
	// DropRemainder leaves out the last examples of an epoch when they are fewer than a batch.
	DropRemainder bool
	// InOrder takes the examples as they stand instead of in a new random order each epoch.
	InOrder bool
	// Progress receives a progress bar if it is a terminal, otherwise a line for each epoch. Nil means neither.
	Progress io.Writer
	// Callbacks are told how the training goes, in their order.
	Callbacks []Callback
	// Snapshot is after how many steps of an epoch, and at its end, the State is read to the host's memory: what a Failure has, and Fallback begins
	// with. Zero means at the beginning of the Fit and at the end of an epoch, unless reading would take more than a fiftieth of the time; a
	// negative number means never. It costs that reading, of the variables and what the optimizer keeps, and as much of the host's memory.
	Snapshot int
	// Fallback is a device, such as the CPU, on which the training goes on should the model's fail. The model is on it from then on, and
	// the History says so. Callbacks are told of the beginning of a Fit again, and those that are Stateful are given their states back.
	Fallback backend.Backend
}

// Fit trains the model on the set and returns what happened, epoch by epoch. Everything is checked before the first step. When
// the context ends, Fit stops between two steps and returns the history so far with the context's error. Of a stream, a part is checked
// when it is given. When the device, a callback or the numbers fail, it returns a Failure.
func (m *Model) Fit(ctx context.Context, train data.Source, fit Fit) (*History, error) {
	ctx = given(ctx)
	h, err := m.fitHere(ctx, train, fit)
	var f *Failure
	if fit.Fallback == nil || !errors.As(err, &f) || !f.Device || f.State == nil || ctx.Err() != nil {
		return h, err
	}
	if err := m.moveTo(fit.Fallback, f.State); err != nil {
		return h, errors.Join(f, err)
	}
	h, err = m.fitHere(ctx, train, fit)
	if h != nil {
		h.Failures = append(h.Failures, f)
	}
	return h, err
}

// fitHere is Fit on the device that the model is on.
func (m *Model) fitHere(ctx context.Context, train data.Source, fit Fit) (*History, error) {
	t, err := m.prepareFit(ctx, train, fit)
	if err != nil {
		return nil, fmt.Errorf("engine: fit: %w", err)
	}
	defer t.release()
	m.trainer = t
	err = t.epochsOf(ctx)
	if errors.Is(err, Stop) {
		err = nil
	}
	err = errors.Join(t.failure(ctx, err), t.callbacks.stopped(m, err))
	t.leave()
	return t.history, errors.Join(err, t.callbacks.runEnd(m, t.history))
}

// prepareFit looks at what there is, checks it and prepares the training.
func (m *Model) prepareFit(ctx context.Context, train data.Source, fit Fit) (*trainer, error) {
	material, err := materialOf(ctx, train)
	if err != nil {
		return nil, fmt.Errorf("training set: %w", err)
	}
	validation, err := materialOf(ctx, fit.Validation)
	if err != nil {
		return nil, fmt.Errorf("validation set: %w", err)
	}
	fit = fit.withDefaults(material)
	if err := m.checkFit(material, validation, fit); err != nil {
		return nil, err
	}
	t, err := m.newTrainer(material, validation, fit)
	if err != nil {
		err = m.needs(ctx, err, train, fit)
	}
	return t, err
}

// epochsOf trains one epoch after the other and adds them to the history.
func (t *trainer) epochsOf(ctx context.Context) error {
	if err := errors.Join(t.callbacks.runBegin(t.Model, t.fit), t.goOn()); err != nil {
		return fmt.Errorf("engine: fit: %w", err)
	}
	if err := t.snapshot.begin(t); err != nil {
		return fmt.Errorf("engine: fit: %w", err)
	}
	for n := len(t.history.Epochs); n < t.fit.Epochs; n++ {
		epoch, err := t.epoch(ctx)
		if epoch.Steps > 0 {
			t.history.Epochs = append(t.history.Epochs, epoch)
		}
		if err == nil {
			err = t.callbacks.epochEnd(t.Model, epoch)
		}
		if err == nil {
			err = errors.Join(t.callbacks.keep(t.Model, 0), t.snapshot.epoch(t))
		}
		if err != nil {
			return fmt.Errorf("engine: fit: epoch %d: %w", epoch.Number, err)
		}
	}
	return nil
}

// given is the context, or one without an end for nil.
func given(ctx context.Context) context.Context {
	if ctx == nil {
		return context.Background()
	}
	return ctx
}

func (f Fit) withDefaults(train material) Fit {
	if f.Epochs == 0 {
		f.Epochs = 1
	}
	f.BatchSize = train.batch(f.BatchSize, defaultBatch)
	return f
}

const defaultBatch = 32

// epoch makes one pass over the training set, or what is left of it, then one over the validation set.
func (t *trainer) epoch(ctx context.Context) (Epoch, error) {
	e := Epoch{Number: t.epochs + 1}
	if err := t.begin(&e); err != nil {
		return e, err
	}
	start, before := time.Now(), t.at.Duration
	sums := t.tally()
	v := visit{epoch: t.epochs, done: t.at.Steps, order: t.shuffler(), begin: t.writeRates}
	v.report = func(done int, rows []float64) error {
		first := len(sums.losses)
		sums.add(rows, t.pass.sizeOf)
		t.steps += done - first
		t.at.Steps, t.at.Sums, t.at.Losses, t.at.Duration = done, sums.sums, sums.losses, before+time.Since(start)
		made := t.made(Steps{Epoch: e.Number, Last: t.first + t.fit.Epochs, First: first, Of: t.pass.expected(), Losses: sums.losses[first:]})
		t.bar.Update(done, t.text(sums.result(t.pass.taken(done)), "")+rateText(made.Rates[done-first-1]))
		err := t.callbacks.steps(t.Model, made)
		if err == nil {
			err = errors.Join(t.callbacks.keep(t.Model, done), t.snapshot.steps(t, done))
		}
		return err
	}
	done, err := t.pass.over(ctx, v)
	e.Duration, e.Steps, e.StepLosses = before+time.Since(start), done, sums.losses
	t.through = err == nil || t.pass.stream == nil && done == t.pass.steps
	e.Complete = t.through
	if done > 0 {
		e.Scores = sums.result(t.pass.taken(done))
	} else if err == nil {
		err = fmt.Errorf("no step: the epoch has fewer examples than a batch")
	}
	if err == nil {
		err = t.finish(ctx, &e)
	} else {
		t.bar.Abandon()
	}
	return e, err
}

// begin lays down what the steps of the epoch need.
func (t *trainer) begin(e *Epoch) error {
	if t.at.Steps == 0 {
		if err := t.callbacks.epochBegin(t.Model, e.Number); err != nil {
			return err
		}
		t.at.Factor = t.factor
	}
	e.LearningRate = t.training.Optimizer.Rate(t.steps-t.at.Steps) * t.at.Factor
	t.bar.Begin(e.Number-t.first, t.fit.Epochs, t.pass.expected())
	return nil
}

// tally returns the sums of the steps of the epoch that are made.
func (t *trainer) tally() *tally {
	sums := newTally(t.scores)
	copy(sums.sums, t.at.Sums)
	sums.losses = slices.Clone(t.at.Losses)
	return sums
}

// finish validates and prints the epoch.
func (t *trainer) finish(ctx context.Context, e *Epoch) (err error) {
	text := t.text(e.Scores, "")
	if t.validation != nil {
		if e.Validation, err = t.score(ctx, t.validation); err != nil {
			t.bar.Abandon()
			return fmt.Errorf("validation: %w", err)
		}
		text += " - " + t.text(e.Validation, "val_")
	}
	t.bar.End(e.Duration, text+rateText(e.LearningRate))
	t.epochs++
	t.at, t.through = Position{}, false
	return nil
}

// leave ends the Fit. An epoch whose steps are all made counts although its validation failed.
func (t *trainer) leave() {
	if t.through {
		t.epochs++
	}
	t.Model.trainer = nil
}

// text writes scores in the order of the columns: loss: 0.5123 - accuracy: 0.8201.
func (m *Model) text(s Scores, prefix string) string {
	text := ""
	for i, name := range m.names() {
		if i > 0 {
			text += " - "
		}
		text += fmt.Sprintf("%s%s: %.4f", prefix, name, s[name])
	}
	return text
}
