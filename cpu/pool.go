package cpu

import (
	"runtime"
	"sync/atomic"
	"time"
)

// A job is one compiled operation, cut into parts that can run in any order and at the same time.
type job struct {
	before *job // that has to be done first
	parts  int
	run    func(part int)
	next   atomic.Int32 // how many parts are claimed
	last   atomic.Int32 // of them by helpers
	done   atomic.Int32 // parts finished
}

// after makes first come before the job.
func (j *job) after(first *job) *job {
	j.before = first
	return j
}

// whole is a job of one part.
func whole(run func()) *job { return &job{parts: 1, run: func(int) { run() }} }

// ranges is a job that splits n items, of the given cost each, into parts worth handing to another thread, as even as may be.
// The split depends on the sizes alone.
func ranges(n, cost int, run func(from, to int)) *job {
	size := max(1, partCost/max(1, cost)) // items of a part, at least
	size = max(size, (n+maxParts-1)/maxParts)
	parts := max(1, (n+size-1)/size)
	size = (n + parts - 1) / parts
	return &job{parts: (n + size - 1) / size, run: func(part int) { run(part*size, min(n, (part+1)*size)) }}
}

// partCost is the least work of a part, in elementary operations: about 20 µs, several times what waking a thread takes.
const (
	partCost = 1 << 15
	maxParts = 64
)

// claimAll does the job on the calling goroutine.
func (j *job) claimAll() {
	for part := range j.parts {
		j.run(part)
	}
}

// claim runs parts until none is left, and returns how many it ran. The caller of run takes them from the first on, helpers from the last: in the next step,
// what a thread wrote is likely to be its own again, and still in its cache.
func (j *job) claim(helping bool) (ran int) {
	for ; int(j.next.Add(1)) <= j.parts; ran++ {
		part := ran
		if helping {
			part = j.parts - int(j.last.Add(1))
		}
		j.run(part)
		j.done.Add(1)
	}
	return ran
}

// A pool is the threads that help whoever calls run. After a job they look out for the next for a short while, then sleep.
type pool struct {
	helpers int
	current atomic.Pointer[job]
	asleep  atomic.Int32
	wake    chan struct{}
	closing atomic.Bool
	alone   time.Time // until when the caller works without help
}

func newPool(threads int) *pool {
	p := &pool{helpers: threads - 1, wake: make(chan struct{}, threads)}
	for range p.helpers {
		go p.help()
	}
	return p
}

// run does the job, with the helpers' help if it has several parts. One run at a time.
func (p *pool) run(j *job) {
	if j.before != nil {
		p.run(j.before)
	}
	if j.parts == 1 || p.helpers == 0 || p.resting() {
		j.claimAll()
		return
	}
	j.done.Store(0)
	j.last.Store(0)
	j.next.Store(0) // from here on, helpers may claim
	p.current.Store(j)
	for range min(int(p.asleep.Load()), j.parts-1) {
		select {
		case p.wake <- struct{}{}:
		default:
		}
	}
	start := time.Now()
	ran, claimed := j.claim(false), time.Now()
	for int(j.done.Load()) < j.parts {
		runtime.Gosched()
	}
	p.current.Store(nil)
	p.judge(time.Since(claimed), claimed.Sub(start)/time.Duration(max(1, ran)))
}

// Where other programs want the cores too, the system stops a helper in the middle of a part, for milliseconds in which a step of a
// small network would have been done ten times. After such a stall the caller works alone for rests times as long.
const (
	stall = 300 * time.Microsecond
	rests = 16
)

// judge looks at how long the caller has waited for helpers to finish, when a part takes so long.
func (p *pool) judge(waited, part time.Duration) {
	if waited > stall+4*part {
		p.alone = time.Now().Add(rests * waited)
	}
}

// resting reports whether the caller is to work alone.
func (p *pool) resting() bool {
	if p.alone.IsZero() {
		return false
	}
	if time.Now().Before(p.alone) {
		return true
	}
	p.alone = time.Time{}
	return false
}

// lookout is how long a helper watches for work before it sleeps.
const lookout = 50 * time.Microsecond

func (p *pool) help() {
	for !p.closing.Load() {
		if j := p.current.Load(); j != nil && int(j.next.Load()) < j.parts {
			j.claim(true)
			continue
		}
		if !p.watch() {
			p.asleep.Add(1)
			<-p.wake
			p.asleep.Add(-1)
		}
	}
}

// watch reports whether work came up within the lookout.
func (p *pool) watch() bool {
	for start := time.Now(); time.Since(start) < lookout; runtime.Gosched() {
		if j := p.current.Load(); j != nil && int(j.next.Load()) < j.parts {
			return true
		}
	}
	return false
}

func (p *pool) close() {
	p.closing.Store(true)
	for range p.helpers {
		select {
		case p.wake <- struct{}{}:
		default:
		}
	}
}
