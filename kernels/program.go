package kernels

import (
	"fmt"
	"time"
)

// program is a compiled list of operations.
type program struct {
	owner    *Backend
	list     []dispatch
	pace     pace
	released bool
}

// Run implements backend.Program. It returns when the last submission has been handed over.
func (p *program) Run(times int) error {
	return p.owner.do(func() error {
		if p.released || times < 0 {
			return fmt.Errorf("kernels: run %d times (released: %v), want at least 0 times of a program not released", times, p.released)
		}
		for times > 0 && len(p.list) > 0 {
			steps := min(times, p.pace.next)
			if err := p.owner.enqueue(p.list, steps, &p.pace); err != nil {
				return err
			}
			times -= steps
		}
		return nil
	})
}

// Release implements backend.Program.
func (p *program) Release() {
	_ = p.owner.do(func() error { // after Close, or a failure, there is nothing to give back
		if p.released || len(p.list) == 0 {
			p.released = true
			return nil
		}
		p.released = true
		err := p.owner.settle()
		p.discard()
		return err
	})
}

func (p *program) discard() {
	for _, d := range p.list {
		p.owner.discard(d)
	}
	p.list = nil
}

// pace chooses how many steps go into a submission, by what they took.
type pace struct{ next int }

// Bounds of a submission: systems end what keeps a GPU busy for seconds, and the recording takes host memory.
const (
	submissionTime     = 50 * time.Millisecond
	maxSubmissionSteps = 1024
)

// took adapts the number to what n steps took, at most doubling it.
func (p *pace) took(n int, took time.Duration) {
	fit := int(float64(n) * float64(submissionTime) / float64(max(took, time.Microsecond)))
	p.next = max(1, min(fit, 2*max(n, p.next), maxSubmissionSteps))
}
