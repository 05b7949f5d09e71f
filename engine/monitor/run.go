package monitor

import (
	"cmp"
	"fmt"
	"runtime/metrics"
	"slices"
	"time"

	"github.com/gradus-ml/gradus/engine"
)

// run is what is known of the Fit under way. It belongs to the goroutine of Fit.
type run struct {
	snapshot
	series  series
	count   int     // steps of the run
	pending []point // not sent yet
	sent    time.Time
	begun   time.Time // the stretch of steps under way
	epochs  int       // asked for

	pace    float64 // seconds of a step, a moving average
	stopped bool
}

// snapshot is what a page is told that knows nothing yet; its events tell what changes of it.
type snapshot struct {
	Type       string  `json:"type"` // "snapshot"
	Token      string  `json:"token,omitempty"`
	Run        int     `json:"run"`    // of the page, from 1
	Status     string  `json:"status"` // "running", "stopping", "stopped", "finished" or "ended"
	Device     string  `json:"device"`
	Parameters int     `json:"parameters"`
	Layers     int     `json:"layers"`
	Batch      int     `json:"batch"`
	Total      int     `json:"total"`    // epochs asked for
	Measured   bool    `json:"measured"` // gradient flow is
	Note       string  `json:"note,omitempty"`
	Now        now     `json:"now"`
	Points     []point `json:"points"`
	Epochs     []epoch `json:"epochs"`
	Flow       *flow   `json:"flow,omitempty"`
}

// now is where the training is.
type now struct {
	Epoch    int    `json:"epoch"`
	Last     int    `json:"last"` // epoch
	Step     int    `json:"step"` // of the epoch
	Of       int    `json:"of"`   // -1 if that is not known
	Rate     number `json:"rate"` // learning rate of the next step
	Speed    number `json:"speed"`
	Examples number `json:"examples"` // a second
	Left     number `json:"left"`     // seconds; -1 if that is not known
	Memory   uint64 `json:"memory"`   // bytes of the program
}

// epoch is what one gave.
type epoch struct {
	Number     int               `json:"number"`
	Step       int               `json:"step"` // of the run, at its end
	Rate       number            `json:"rate"`
	Seconds    number            `json:"seconds"`
	Scores     map[string]number `json:"scores"`
	Validation map[string]number `json:"validation,omitempty"`
}

// flow is the gradient flow through the layers.
type flow struct {
	Epoch    int      `json:"epoch"` // after which
	Layers   []layer  `json:"layers"`
	Findings []string `json:"findings,omitempty"`
}

type layer struct {
	Name   string `json:"name"`
	Type   string `json:"type"`
	Weight number `json:"weight"` // gradient, root mean square
	Output number `json:"output"`
	Mean   number `json:"mean"` // of its outputs
	StdDev number `json:"deviation"`
	Dead   number `json:"dead"`
}

// RunBegin implements engine.RunBeginner.
func (p *Page) RunBegin(m *engine.Model, fit engine.Fit) error {
	next := p.run.Run + 1
	p.run = run{begun: time.Now(), epochs: fit.Epochs}
	p.stop.Store(false)
	p.save.Store(false)
	p.run.snapshot = snapshot{Type: "snapshot", Run: next, Status: "running", Device: m.Device().String(), Batch: fit.BatchSize, Total: fit.Epochs,
		Layers: len(m.Network().Layers()), Measured: p.options.Sample != nil, Now: now{Of: -1, Left: -1, Last: fit.Epochs, Rate: number(m.LearningRate()), Memory: memory()}}
	if p.local() {
		p.run.Token = p.token
	}
	for _, v := range m.Variables() {
		if v.Trainable {
			p.run.Parameters += product(v.Shape)
		}
	}
	p.tell(p.run.whole())
	return p.measure(m, 0)
}

func product(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// EpochBegin implements engine.EpochBeginner: what happens between epochs is not the steps' time.
func (p *Page) EpochBegin(*engine.Model, int) error {
	p.run.begun = time.Now()
	return nil
}

// interval is how often pages are told at most.
const interval = 100 * time.Millisecond

// StepsEnd implements engine.StepWatcher.
func (p *Page) StepsEnd(m *engine.Model, s engine.Steps) error {
	r := &p.run
	r.step(m, s)
	for i, loss := range s.Losses {
		r.count++
		p := point{r.count, 1, number(loss), number(s.Rates[i]), r.Now.Speed}
		r.series.add(p)
		r.pending = append(r.pending, p)
	}
	if time.Since(r.sent) >= interval {
		p.flush()
	}
	return p.wishes(m)
}

// step notes where the training is.
func (r *run) step(m *engine.Model, s engine.Steps) {
	each := time.Since(r.begun).Seconds() / float64(max(len(s.Losses), 1))
	if r.begun = time.Now(); r.pace == 0 {
		r.pace = each
	}
	r.pace += (each - r.pace) * 0.3
	n := &r.Now
	n.Epoch, n.Last, n.Step, n.Of = s.Epoch, s.Last, s.First+len(s.Losses), s.Of
	n.Rate, n.Memory = number(m.LearningRate()), memory()
	n.Speed, n.Examples, n.Left = number(1/max(r.pace, 1e-9)), number(float64(r.Batch)/max(r.pace, 1e-9)), -1
	if s.Of >= 0 {
		n.Left = number(r.pace * float64(s.Of-n.Step+(s.Last-s.Epoch)*s.Of))
	}
}

// flush tells the pages of the steps.
func (p *Page) flush() {
	r := &p.run
	r.sent = time.Now()
	points := r.pending
	if len(points) > most/4 { // a page need not see more than the curve has room for
		points = slices.Clone(r.series.points[len(r.series.points)-min(len(r.series.points), most/4):])
	}
	r.pending = nil
	p.tell(struct {
		Type   string  `json:"type"`
		Now    now     `json:"now"`
		Points []point `json:"points"`
	}{"steps", r.Now, points})
}

// EpochEnd implements engine.EpochEnder.
func (p *Page) EpochEnd(m *engine.Model, e engine.Epoch) error {
	r := &p.run
	p.flush()
	done := epoch{e.Number, r.count, number(e.LearningRate), number(e.Duration.Seconds()), numbers(e.Scores), numbers(e.Validation)}
	r.Epochs = append(r.Epochs, done)
	if len(r.Epochs) > most {
		r.Epochs = slices.Clone(r.Epochs[1:])
	}
	p.tell(struct {
		Type  string `json:"type"`
		Epoch epoch  `json:"epoch"`
	}{"epoch", done})
	return cmp.Or(p.measure(m, e.Number), p.wishes(m))
}

func numbers(scores engine.Scores) map[string]number {
	made := map[string]number{}
	for name, v := range scores {
		made[name] = number(v)
	}
	return made
}

// RunEnd implements engine.RunEnder.
func (p *Page) RunEnd(_ *engine.Model, h *engine.History) error {
	r := &p.run
	p.flush()
	switch {
	case r.stopped:
		r.Status = "stopped"
	case len(h.Epochs) >= r.epochs && h.Last().Complete:
		r.Status = "finished"
	default:
		r.Status = "ended"
	}
	p.status("")
	return nil
}

// wishes fulfils what was asked for.
func (p *Page) wishes(m *engine.Model) error {
	if p.save.CompareAndSwap(true, false) {
		note := fmt.Sprintf("Checkpoint made after step %d of epoch %d", p.run.Now.Step, p.run.Now.Epoch)
		if err := p.options.Checkpoint(m); err != nil {
			note = "The checkpoint failed: " + err.Error()
		}
		p.status(note)
		p.run.begun = time.Now()
	}
	if p.stop.Load() && !p.run.stopped {
		p.run.stopped, p.run.Status = true, "stopping"
		p.status("")
	}
	if p.run.stopped {
		return engine.Stop
	}
	return nil
}

// status tells the pages how the run stands.
func (p *Page) status(note string) {
	p.run.Note = note
	p.tell(struct {
		Type   string `json:"type"`
		Status string `json:"status"`
		Note   string `json:"note"`
	}{"status", p.run.Status, note})
}

// measure measures the gradient flow, if there is something to measure it on.
func (p *Page) measure(m *engine.Model, after int) error {
	if p.options.Sample == nil {
		return nil
	}
	d, err := m.Diagnose(p.ctx, p.options.Sample)
	if p.ctx.Err() != nil { // the page has ended, the training has not
		return nil
	}
	if err != nil {
		return fmt.Errorf("gradient flow: %w", err)
	}
	f := &flow{Epoch: after, Findings: d.Findings}
	for _, l := range d.Layers {
		f.Layers = append(f.Layers, layer{l.Name, l.Type, number(l.WeightGradient), number(l.OutputGradient), number(l.Mean), number(l.StdDev), number(l.Dead)})
	}
	p.run.Flow = f
	p.tell(struct {
		Type string `json:"type"`
		Flow *flow  `json:"flow"`
	}{"flow", f})
	return nil
}

// tell logs an event.
func (p *Page) tell(e any) { p.log.add(e, p.run.whole()) }

// whole returns a copy that stays as it is.
func (r *run) whole() snapshot {
	s := r.snapshot
	s.Points, s.Epochs = slices.Clone(r.series.points), slices.Clone(r.Epochs)
	return s
}

// memory returns what the program has from the operating system, in bytes.
func memory() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64() - sample[1].Value.Uint64()
}
