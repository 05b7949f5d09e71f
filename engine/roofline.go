package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/gradus-ml/gradus/engine/backend"
	"github.com/gradus-ml/gradus/engine/data"
	"github.com/gradus-ml/gradus/engine/ops"
)

// A Bound is what keeps an operation from being faster.
type Bound string

// The bounds.
const (
	ArithmeticBound Bound = "arithmetic" // the device computes no faster
	MemoryBound     Bound = "memory"     // it moves no more bytes
	DispatchBound   Bound = "dispatch"   // it takes as long to begin any operation
	UnknownBound    Bound = "unknown"    // the device cannot measure what it gives
)

// Timed is how long an operation, or a whole step, takes, and how far that is from what the device could do.
type Timed struct {
	Part      string // the layer, its gradient, the loss, the update
	Operation string // "matmul 32x300x784"
	Time      time.Duration
	Share     float64 // of the sum of all operations
	Cost      backend.Cost
	// Limit is the shortest time that the device allows, by arithmetic, memory or dispatch, whichever takes longest, over Time: 1 is perfect. It
	// may be somewhat more where memory is in a faster cache than a copy of that size is.
	Limit float64
	Bound Bound
}

// GFLOPs returns the arithmetic in 10⁹ operations a second.
func (t Timed) GFLOPs() float64 { return float64(t.Cost.FLOPs) / float64(max(1, t.Time)) }

// GBs returns the least memory traffic in 10⁹ bytes a second.
func (t Timed) GBs() float64 { return float64(t.Cost.Bytes) / float64(max(1, t.Time)) }

// Roofline tells where the time of a training step goes.
type Roofline struct {
	Device     backend.Info
	BatchSize  int
	Roof       backend.Roof  // zero if the device cannot measure it
	Dispatch   time.Duration // of the fastest operation, which does next to nothing
	Operations []Timed       // each by itself, in the order of the step
	Step       Timed         // as it is trained: operations may be fused, and it may take less than their sum
}

// Roofline times each operation of a training step with batches of the size, taken from the set, and lays it against what the device gives
// at most, which it measures in the same process: multiply-adds, copies, and the fastest operation, which does next to nothing (Williams, Waterman and
// Patterson, 2009). Batch size 0 means 32. It works on a copy: the model stays as it is. It takes a second or two; on a busy machine,
// trust the shares more than the times.
func (m *Model) Roofline(ctx context.Context, set *data.Set, batchSize int) (*Roofline, error) {
	r, err := m.roofline(given(ctx), set, Fit{BatchSize: batchSize, DropRemainder: true, InOrder: true})
	if err != nil {
		return nil, fmt.Errorf("engine: roofline: %w", err)
	}
	return r, nil
}

func (m *Model) roofline(ctx context.Context, set *data.Set, fit Fit) (_ *Roofline, err error) {
	c, err := m.Clone()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	fit = fit.withDefaults(material{set: set})
	if err := c.checkFit(material{set: set}, material{}, fit); err != nil {
		return nil, err
	}
	t, err := c.newTrainer(material{set: set}, material{}, fit)
	if err != nil {
		return nil, err
	}
	defer t.release()
	r := &Roofline{Device: m.Device(), BatchSize: fit.BatchSize}
	if dev, ok := m.dev.(backend.Roofed); ok {
		if r.Roof, err = dev.Roof(); err != nil {
			return nil, err
		}
	}
	return r, stopwatch{t}.fill(ctx, r)
}

// stopwatch times what a trainer runs.
type stopwatch struct{ *trainer }

// fill times the step, then its operations one by one.
func (w stopwatch) fill(ctx context.Context, r *Roofline) (err error) {
	if err := w.lay(); err != nil {
		return err
	}
	step := w.pass.full
	r.Step = Timed{Part: "the step", Operation: "fused", Cost: backend.CostOf(step.Ops())}
	if r.Step.Time, err = w.median(step, w.pass.steps); err != nil {
		return err
	}
	sum := time.Duration(0)
	for i, op := range step.Ops() {
		if err := ctx.Err(); err != nil {
			return err
		}
		took, err := w.operation(op)
		if err != nil {
			return fmt.Errorf("%s of %s: %w", op.Name(), step.Part(i), err)
		}
		sum += took
		if r.Dispatch == 0 || took < r.Dispatch {
			r.Dispatch = took
		}
		r.Operations = append(r.Operations, Timed{Part: cmp.Or(step.Part(i), "the batch"), Operation: described(op), Time: took, Cost: op.Cost()})
	}
	r.measure(&r.Step, sum)
	for i := range r.Operations {
		r.measure(&r.Operations[i], sum)
	}
	return nil
}

// measure lays what was timed against the device.
func (r *Roofline) measure(t *Timed, sum time.Duration) {
	t.Share = float64(t.Time) / float64(max(1, sum))
	arithmetic, traffic := r.Roof.Seconds(t.Cost)
	dispatch := r.Dispatch.Seconds()
	least := max(arithmetic, traffic, dispatch)
	switch {
	case r.Roof.FLOPs == 0:
		t.Bound = UnknownBound
		return
	case least == dispatch:
		t.Bound = DispatchBound
	case least == traffic:
		t.Bound = MemoryBound
	default:
		t.Bound = ArithmeticBound
	}
	t.Limit = least / max(1e-9, t.Time.Seconds())
}

// described is the operation's name, with the sizes of a product, m×n×k.
func described(op backend.Op) string {
	o, ok := op.(ops.MatMul)
	if !ok {
		return op.Name()
	}
	form := map[[2]bool]string{{false, false}: "AB", {true, false}: "AtB", {false, true}: "ABt", {true, true}: "AtBt"}[[2]bool{o.TransposeA, o.TransposeB}]
	return fmt.Sprintf("matmul %s %dx%dx%d", form, o.M, o.N, o.K)
}

// operation times one operation by itself.
func (w stopwatch) operation(op backend.Op) (time.Duration, error) {
	p, err := w.dev.Compile([]backend.Op{op})
	if err != nil {
		return 0, err
	}
	defer p.Release()
	return w.median(p, mostRuns)
}

const (
	timedRounds = 5
	mostRuns    = 64
	roundTime   = 3 * time.Millisecond // so long a round takes, unless that is too many runs
)

// runner is a program or a step.
type runner interface{ Run(times int) error }

// median returns what one run takes, in the middle of some rounds of at most so many runs, each from the first step on.
func (w stopwatch) median(p runner, most int) (time.Duration, error) {
	var list []time.Duration
	for times := 1; len(list) < timedRounds; {
		if err := backend.Upload(w.dev, w.pass.clock, []uint32{0}); err != nil {
			return 0, err
		}
		start := time.Now()
		if err := errors.Join(p.Run(times), w.dev.Sync()); err != nil {
			return 0, err
		}
		took := time.Since(start)
		if took < roundTime && 2*times <= most {
			times *= 2
			continue
		}
		list = append(list, took/time.Duration(times))
	}
	slices.Sort(list)
	return list[len(list)/2], nil
}

// String returns the table: the device and its limits, a line for each operation, and the whole step.
func (r *Roofline) String() string {
	var out strings.Builder
	fmt.Fprintf(&out, "%v, batch size %d\n%.0f GFLOP/s", r.Device, r.BatchSize, r.Roof.FLOPs/1e9)
	for _, c := range r.Roof.Copies {
		fmt.Fprintf(&out, "; copies of %d KiB %.0f GB/s", c.Bytes>>10, c.PerSecond/1e9)
	}
	fmt.Fprintf(&out, "; an operation at least %v\n", r.Dispatch)
	w := tabwriter.NewWriter(&out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "ms\tshare\tGFLOP/s\tGB/s\tof limit\tbound by\toperation\tpart\t")
	for _, t := range append(slices.Clone(r.Operations), r.Step) {
		fmt.Fprintf(w, "%.4f\t%.1f%%\t%.1f\t%.1f\t%.0f%%\t%s\t%s\t%s\t\n", t.Time.Seconds()*1e3, 100*t.Share, t.GFLOPs(), t.GBs(), 100*t.Limit, t.Bound, t.Operation, t.Part)
	}
	_ = w.Flush() // to memory
	return out.String()
}
