package kernels

import "time"

const (
	// portion is how long a submission should take on the device: long enough to hide what submitting costs, far below
	// what makes drivers give up, and soon over when somebody wants to read.
	portion = 50 * time.Millisecond
	// mostCommands bounds the memory that recording a submission takes.
	mostCommands = 4096
	maxInFlight  = 2
)

// A pace tells how many commands of a program make a submission.
type pace struct {
	commands int
	fixed    bool // for tests: nothing is learnt
}

func newPace() pace { return pace{commands: 32} }

// learn adapts to n commands that took so long: at most four times as many, at least one. What took at most so long
// (exact is false) tells nothing if it was long.
func (p *pace) learn(n int, took time.Duration, exact bool) {
	if p.fixed || !exact && took > portion {
		return
	}
	fit := mostCommands
	if took > 0 {
		fit = int(min(int64(portion)*int64(n)/int64(took), mostCommands))
	}
	p.commands = max(1, min(fit, 4*p.commands))
}

// A flight is the submissions of programs that may still run, the oldest first.
type flight struct {
	aloft  []airborne
	landed time.Time // when the last one that was waited for ended
}

type airborne struct {
	index    uint64
	pace     *pace
	commands int
	since    time.Time
}

func (f *flight) add(index uint64, p *pace, commands int) {
	f.aloft = append(f.aloft, airborne{index, p, commands, time.Now()})
}

// land waits until at most so many are aloft, and tells their programs how long each took.
func (f *flight) land(g *gpu, most int) error {
	for len(f.aloft) > most {
		a := f.aloft[0]
		f.aloft = append(f.aloft[:0], f.aloft[1:]...)
		waited, err := g.wait(a.index)
		if err != nil {
			return err
		}
		f.account(a, time.Now(), waited)
	}
	return nil
}

// account tells a program how long its submission took: from its submission, or from the end of the one before if that
// is known, to now. If nobody had to wait, it was at most so long.
func (f *flight) account(a airborne, now time.Time, waited bool) {
	begin := a.since
	if f.landed.After(begin) {
		begin = f.landed
	}
	a.pace.learn(a.commands, now.Sub(begin), waited)
	if waited {
		f.landed = now
	}
}
