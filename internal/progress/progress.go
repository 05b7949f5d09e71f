// Package progress shows how training goes: a bar on a terminal, one plain line for each epoch elsewhere.
package progress

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// A Bar shows one epoch after the other.
type Bar struct {
	w        io.Writer
	terminal bool
	bar      *progressbar.ProgressBar
	epoch    string // "Epoch 1/10"
	number   int    // of it, from 1
	epochs   int
	steps    int
	began    time.Time // the first epoch
	before   int       // epochs before that
}

// New returns a bar that writes to w; nil shows nothing.
func New(w io.Writer) *Bar {
	if w == nil {
		w = io.Discard
	}
	file, ok := w.(*os.File)
	return &Bar{w: w, terminal: ok && term.IsTerminal(int(file.Fd()))}
}

// Begin starts an epoch, counted from 1, of the given number of steps; -1 if that is not known.
func (b *Bar) Begin(epoch, epochs, steps int) {
	b.epoch, b.number, b.epochs, b.steps = fmt.Sprintf("Epoch %d/%d", epoch, epochs), epoch, epochs, steps
	if b.began.IsZero() {
		b.began, b.before = time.Now(), epoch-1
	}
	if !b.terminal {
		return
	}
	b.bar = progressbar.NewOptions(steps,
		progressbar.OptionSetWriter(b.w),
		progressbar.OptionSetDescription(b.epoch),
		progressbar.OptionSetWidth(24),
		progressbar.OptionShowCount(),
		progressbar.OptionShowIts(),
		progressbar.OptionSetItsString("steps"),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionClearOnFinish())
}

// Update shows the steps done and the scores so far.
func (b *Bar) Update(done int, scores string) {
	b.steps = max(b.steps, done) // where it was not known
	if !b.terminal {
		return
	}
	_ = b.bar.Set(done) // a terminal that cannot be written to must not stop the training
	b.bar.Describe(b.epoch + " - " + scores)
}

// End replaces the bar by the epoch's line: its time, its speed, how long the other epochs will take, validation included, and its scores.
func (b *Bar) End(took time.Duration, scores string) {
	b.Abandon()
	rate := float64(b.steps) / max(took.Seconds(), 1e-9)
	fmt.Fprintf(b.w, "%s - %.1fs - %.0f steps/s - %s%s\n", b.epoch, took.Seconds(), rate, b.left(time.Since(b.began)), scores)
}

// left says how long the epochs to come will take, if those so far took so long.
func (b *Bar) left(passed time.Duration) string {
	if b.number >= b.epochs {
		return ""
	}
	each := passed / time.Duration(max(b.number-b.before, 1))
	return fmt.Sprintf("%v left - ", (each * time.Duration(b.epochs-b.number)).Round(time.Second))
}

// Abandon removes the bar of an unfinished epoch.
func (b *Bar) Abandon() {
	if b.bar != nil {
		_ = b.bar.Clear()
		b.bar = nil
	}
}
